"""This module is what ``python -m decloss`` runs."""

import os
import sys

from decloss.cli import main

if __name__ == "__main__":
    status = main()
    if "WORLD_SIZE" in os.environ:
        # Torch's threads may abort a process of torchrun that has done everything while the interpreter ends.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
