"""The commands of the command line, a file each: what they take, as a dataclass, and what they do."""
