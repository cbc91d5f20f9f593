"""The paper's tables beside ours, made from stored evaluations for the command ``report`` and for the app."""
