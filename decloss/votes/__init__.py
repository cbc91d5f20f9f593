"""Votes on which of two pictures looks better: how they are kept, and what may be concluded from them."""
