"""This module is what ``python -m decloss`` runs."""

import sys

from decloss.cli import main

if __name__ == "__main__":
    sys.exit(main())
