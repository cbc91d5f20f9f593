"""Where this program runs: on someone's own machine, or in a Hugging Face Space, perhaps one on ZeroGPU."""

import multiprocessing
import os
import sys
from pathlib import Path

STORAGE = Path("/data")
"""The folder where the storage bucket of a Space is mounted, by custom."""

QUEUE = "DECLOSS_QUEUE"
"""The variable for the address of the database by which pages and workers share the queue of finetunes."""


def on_space() -> bool:
    """Return whether this is a Space, by the variable that each of them has."""
    return bool(os.environ.get("SPACE_ID"))


def storage() -> Path | None:
    """Return the folder of a Space that outlives its restarts; None if none is mounted, or only to be read."""
    return STORAGE if on_space() and STORAGE.is_dir() and os.access(STORAGE, os.W_OK) else None


def default_data() -> Path:
    """Return a Space's storage if it has one, else the user's folder for what programs keep on this system."""
    lasting = storage()
    return own_state() if lasting is None else lasting / "decloss"


def own_state() -> Path:
    """Return the user's folder for what programs keep on this system, which no other machine shares."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "decloss"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "decloss"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "decloss"


def on_zerogpu() -> bool:
    """Return whether GPUs are lent to decorated functions only, for a minute at a time."""
    return bool(os.environ.get("SPACES_ZERO_GPU"))


def waits_for_gpu() -> bool:
    """Return whether this process is on ZeroGPU without a GPU, as all are but those forked for a decorated function.

    In the app's own process ``torch.cuda`` claims that there is one; only ``spaces`` may take it at its word.
    """
    return on_zerogpu() and multiprocessing.parent_process() is None
