"""The commands of the command line, a file each: what they take, as a dataclass, and what they do.

What a command works with is imported where it runs: torch takes seconds, and --help needs none of it.
"""
