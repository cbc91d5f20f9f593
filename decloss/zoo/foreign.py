"""Networks of other projects, read by spandrel, to measure and to look at beside ours.

The app takes safetensors only, and only from folders that its maintainer named; files with pickles are for the command
line.
"""

import hashlib
import pickle
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from decloss.files.untrusted import WeightsError, read_bytes
from decloss.files.weights import parse_weights, read_header, require_finite
from decloss.pixels import SCALE
from decloss.zoo.card import CheckpointError
from decloss.zoo.registry import SUFFIXES

OVERLAP = 64
"""The LR pixels that tiles of large images share; the receptive radius of a foreign network is not known."""


class Foreign(nn.Module):
    """A network of another project with the interface of ours: (B, 3, H, W) in [0, 1] to (B, 3, 4H, 4W)."""

    def __init__(self, descriptor: Any, card: dict[str, Any]) -> None:
        super().__init__()
        self.network: nn.Module = descriptor.model
        self.scale = SCALE
        self.receptive_radius = OVERLAP
        self.card = card
        self._call = descriptor  # it pads and crops where the network wants sides of certain multiples

    def forward(self, lr: Tensor) -> Tensor:
        return self._call(lr)


def load_foreign(path: Path) -> Foreign:
    """Load the x4 RGB network of a file that has no card of ours, on the CPU, in eval mode.

    Pickled files are read with ``weights_only``: tensors and plain containers, nothing that runs code.

    Raises:
        CheckpointError: if spandrel is missing, or the file is unsafe, of another scale, or no network that it knows.
    """
    if not path.exists():
        raise CheckpointError(f"{path} does not exist")
    try:
        from spandrel import ImageModelDescriptor, ModelLoader, UnsupportedModelError  # optional: pip install spandrel
    except ImportError as error:
        raise CheckpointError(
            f"{path} has no DECLoss card; to read networks of others: pip install spandrel"
        ) from error
    state = _state(path)
    try:
        descriptor = ModelLoader(device="cpu").load_from_state_dict(state)
    except UnsupportedModelError as error:
        raise CheckpointError(f"{path} has no DECLoss card and is no network that spandrel knows") from error
    # Each of spandrel's architectures reads sizes off the weights, and fails in its own way where some are missing.
    except Exception as error:
        reason = " ".join(str(error).split())[:100]
        raise CheckpointError(f"{path} has weights that do not fit each other ({reason})") from error
    channels = {descriptor.input_channels, descriptor.output_channels}
    if not isinstance(descriptor, ImageModelDescriptor) or channels != {3} or descriptor.scale != SCALE:
        kind = f"{path} is a {descriptor.architecture.name} for"
        if channels == {1}:
            raise CheckpointError(f"{kind} grey images with 1 channel, not for RGB")
        raise CheckpointError(f"{kind} x{descriptor.scale}, not for x{SCALE} RGB")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    card = {
        "name": path.stem,
        "architecture": {"type": descriptor.architecture.name},
        "parameters": sum(parameter.numel() for parameter in descriptor.model.parameters()),
        "training": [],
        "metrics": {},
        "weights": {"sha256": digest},
    }
    return Foreign(descriptor.eval(), card).eval()


def foreign_architecture(path: Path) -> str | None:
    """Return what spandrel takes a .safetensors file for, by its weights' names and shapes; None for nothing it knows.

    Only the file's header is read. Without spandrel no file is known.
    """
    try:
        return _architecture(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _architecture(path: Path, changed: int) -> str | None:  # noqa: ARG001  # overwritten, it may be another one
    try:
        from spandrel import MAIN_REGISTRY  # optional: pip install spandrel
    except ImportError:
        return None
    try:
        header = read_header(path)
    except WeightsError:
        return None
    shapes = {name: torch.empty(shape, device="meta") for name, shape in header.shapes.items()}
    known = (kind.architecture.name for kind in MAIN_REGISTRY.architectures("detection") if kind.detect(shapes))
    return next(known, None)


def _state(path: Path) -> dict[str, Any]:
    """Return the tensors of ``path`` by name, taken out of the usual wrappers; spandrel unwraps the rest."""
    if path.suffix not in SUFFIXES:
        raise CheckpointError(f"{path} must end in {', '.join(SUFFIXES)}")
    try:
        if path.suffix == ".safetensors":
            return dict(parse_weights(read_bytes(path))[0])
        state = torch.load(path, map_location="cpu", weights_only=True)
        for key in ("params_ema", "params", "state_dict"):  # these are the usual wrappers
            if isinstance(state, dict) and isinstance(state.get(key), dict):
                state = state[key]
        if not isinstance(state, dict):
            raise CheckpointError(f"{path} holds no named weights")
        require_finite({name: value for name, value in state.items() if isinstance(value, Tensor)})
    except WeightsError as error:
        raise CheckpointError(f"{path} {error}") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} is refused: it is no checkpoint, or it holds more than weights, which could run code"
        ) from error
    except (OSError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"{path} is damaged or no checkpoint ({str(error)[:100]})") from error
    return state
