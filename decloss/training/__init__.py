"""Configuration, data, the loop, and the files it writes."""
