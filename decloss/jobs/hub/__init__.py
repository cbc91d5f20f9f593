"""Finetunes and the Hugging Face Hub: pushing a checkpoint, and training on rented hardware."""
