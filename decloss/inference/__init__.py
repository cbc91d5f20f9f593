"""Upscaling with a network: in tiles, interruptible, and on ZeroGPU."""
