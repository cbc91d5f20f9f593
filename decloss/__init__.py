"""DECLoss."""
