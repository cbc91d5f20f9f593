"""The photo and the place in it that all tabs look at."""
