"""Measuring networks: the pairs, the protocol, the scores, and intervals over images."""
