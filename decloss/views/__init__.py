"""What the tabs of the page compute, without the page: arrays and numbers to look at."""
