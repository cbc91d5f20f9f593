"""Checkpoints: files with a card that tells where they come from, those of other projects, and the registry of all."""
