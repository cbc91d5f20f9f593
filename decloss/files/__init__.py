"""Files: images, weights, examples; written whole or not at all, and read as a stranger's."""
