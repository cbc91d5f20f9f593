"""The Blind test tab."""
