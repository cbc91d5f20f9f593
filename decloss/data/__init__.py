"""Photos to train on and benchmarks to measure on: finding, downloading, packing, and reading random crops."""
