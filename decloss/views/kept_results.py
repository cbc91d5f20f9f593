"""Results of networks on disk, so that an app that is started anew need not compute those of the examples again."""

import contextlib
import json
import re
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import save as save_tensors

from decloss.evaluation.scores import PROTOCOL, Scores
from decloss.files.atomic import remove_abandoned, write_atomically
from decloss.files.weights import parse_weights
from decloss.views.comparison import Result, Task
from decloss.views.shared_results import digest_of

FORMAT = 2
"""The version of the files; it is raised when what they hold comes to mean something else."""
MOST_BYTES = 200_000_000
"""The bytes on disk beyond which the files that were written first are deleted: almost four zoos with all examples."""
SHA256 = re.compile(r"[0-9a-f]{64}|bicubic")
"""The names of weights that stay the same when the app is started anew."""
DAMAGED = (OSError, ValueError, KeyError, TypeError)
"""What reading a file raises that is not as it was written."""


class KeptResults:
    """The results in ``folder``, a file for each task and network; a damaged file counts as missing."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    def path(self, task: Task, weights: str) -> Path | None:
        """Return the file for a task and a network's weights; None if it would be of no use after the next start."""
        if not SHA256.fullmatch(weights):
            return None
        return self.folder / f"{task.digest[:24]}-{weights[:24]}.safetensors"

    def read(self, name: str, task: Task, weights: str) -> Result | None:
        """Return what the network ``name`` made of ``task``; None if it is not there, damaged or of another version."""
        path = self.path(task, weights)
        if path is None or task.hr is None:
            return None
        try:
            tensors, texts = parse_weights(path.read_bytes(), [torch.uint8])
            pixels, about = tensors["pixels"].numpy(), json.loads(texts["about"])
            if about["version"] != _version(task, weights) or about["digest"] != digest_of(pixels):
                return None
            if pixels.shape != task.hr.shape:
                return None
            scores = Scores(**about["scores"])
            result = Result(name, pixels, about["seconds"], about["parameters"], scores, about["sharpening"])
        except DAMAGED:
            return None
        pixels.flags.writeable = False
        return result

    def write(self, task: Task, weights: str, result: Result) -> None:
        """Keep ``result`` if there is room on the disk; it is written whole or not at all."""
        path = self.path(task, weights)
        if path is None or result.scores is None:
            return
        about = {
            "version": _version(task, weights),
            "digest": digest_of(result.pixels),
            "seconds": result.seconds,
            "parameters": result.parameters,
            "scores": asdict(result.scores),
            "sharpening": result.sharpening,
        }
        # Not compressed: the start would wait for it, and pictures would shrink by a third only.
        content = save_tensors({"pixels": torch.tensor(result.pixels)}, {"about": json.dumps(about)})
        with contextlib.suppress(OSError):  # it is computed again after the next start
            write_atomically(path, content)
            self._make_room(path)

    def _make_room(self, newest: Path) -> None:
        """Delete the oldest files beyond ``most_bytes``, but never the ``newest``."""
        remove_abandoned(self.folder)
        found = (path for path in self.folder.glob("*.safetensors") if path != newest)
        sizes = {path: path.stat().st_size for path in sorted(found, key=lambda path: path.stat().st_mtime)}
        excess = sum(sizes.values()) + newest.stat().st_size - self.most_bytes
        for path, size in sizes.items():
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size


def _version(task: Task, weights: str) -> list[object]:
    """Return what must be equal for a result to be the one that would be computed now."""
    return [FORMAT, PROTOCOL, task.digest, weights]
