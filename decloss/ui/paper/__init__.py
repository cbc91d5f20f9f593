"""The Paper tab."""
