"""The machine that the program runs on: its devices, its processes, and whether it is a Space."""
