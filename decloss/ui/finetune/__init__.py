"""The Finetune tab."""
