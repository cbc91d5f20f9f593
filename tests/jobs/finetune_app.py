"""An app without a page: opens the data directory and minds its finetunes until it is killed."""

import sys
import time
from pathlib import Path

from decloss.jobs.queue import Finetunes

if __name__ == "__main__":
    print(Finetunes(Path(sys.argv[1])).open() or "open", flush=True)
    while True:
        time.sleep(60)
