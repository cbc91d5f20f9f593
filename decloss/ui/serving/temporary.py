"""The app's temporary files in one folder of its own, which is removed when the app ends, however that comes about.

BASE/decloss-RANDOM.lock   held as long as the app lives
BASE/decloss-RANDOM/cache  Gradio's files: uploads, and results that the page shows
BASE/decloss-RANDOM/work   all other files, by way of ``tempfile``

BASE is what ``GRADIO_TEMP_DIR`` names, or the system's folder. Names are random and never used again, so that whoever
gets hold of the lock knows that its app is dead, and may remove the folder.
"""

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "decloss-"
CACHE, WORK = "cache", "work"
GRADIO_VARIABLE, PYTHON_VARIABLE = "GRADIO_TEMP_DIR", "TMPDIR"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for this process and those that it starts; what dead apps left is removed first.

    Enter it before the page is built: Gradio's components remember where their files go.

    Raises:
        OSError: if nothing can be written there; the message is a sentence.
    """
    try:
        base = Path(os.environ.get(GRADIO_VARIABLE) or tempfile.gettempdir()).resolve()
        base.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=base).close()
    except OSError as error:
        raise OSError(
            f"temporary files cannot be written ({error.strerror}): name another folder in {GRADIO_VARIABLE}"
        ) from error
    remove_dead(base)
    folder = base / f"{PREFIX}{secrets.token_hex(8)}"
    lock = folder.with_name(f"{folder.name}.lock")
    before = {name: os.environ.get(name) for name in (GRADIO_VARIABLE, PYTHON_VARIABLE)}, tempfile.tempdir
    with FileLock(lock):  # taken before the folder is made, or an app that starts now would take it for a dead one's
        try:
            for path in (folder, folder / CACHE, folder / WORK):
                path.mkdir(mode=0o700)
            _point_to({GRADIO_VARIABLE: str(folder / CACHE), PYTHON_VARIABLE: str(folder / WORK)}, str(folder / WORK))
            yield folder
        finally:
            _point_to(*before)
            shutil.rmtree(folder, ignore_errors=True)
    lock.unlink(missing_ok=True)


def remove_dead(base: Path) -> None:
    """Remove the folders of dead apps from ``base``."""
    for path in base.glob(f"{PREFIX}*.lock"):
        if path.is_symlink():
            continue
        with contextlib.suppress(Timeout, OSError), FileLock(path, timeout=0):  # the app is alive, or another user's
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            path.unlink(missing_ok=True)


def _point_to(variables: Mapping[str, str | None], own: str | None) -> None:
    """Set ``variables`` for Gradio and for processes started from here, and ``own`` for this one's ``tempfile``."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    tempfile.tempdir = own
