"""The COO tab."""
