"""Pictures made from arrays, for the app, reports and notebooks, without interface and without tensors."""
