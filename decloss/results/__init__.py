"""The paper's tables beside ours, from stored evaluations: data for ``report`` and for the app."""
