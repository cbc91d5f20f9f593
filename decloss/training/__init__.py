"""Training: its configuration, its loop, and the files that it writes."""
