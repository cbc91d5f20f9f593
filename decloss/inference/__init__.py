"""Upscaling with a network, which works in tiles, can be interrupted, and runs on ZeroGPU."""
