"""The Contrast tab."""
