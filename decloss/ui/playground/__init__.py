"""The COO playground tab."""
