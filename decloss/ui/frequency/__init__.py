"""The Frequency tab."""
