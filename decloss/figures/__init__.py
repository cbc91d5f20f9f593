"""Arrays to pictures, for the app, for reports and for notebooks; no interface and no tensors in here."""
