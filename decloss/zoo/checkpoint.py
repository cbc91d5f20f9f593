"""Checkpoints: NAME.safetensors holds the weights, NAME.json beside it the card. Nothing is ever unpickled."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as save_tensors
from torch import nn

from decloss.files.atomic import write_atomically
from decloss.files.untrusted import MAX_FILE_BYTES, WeightsError, read_bytes
from decloss.files.weights import FLOATS, MAX_HEADER_BYTES, parse_weights, require_finite
from decloss.models import EDSR, RRDBNet
from decloss.zoo.card import FORMAT, Card, CheckpointError, read_card, write_card

__all__ = ["Card", "CheckpointError", "build_network", "load_checkpoint_file", "read_card", "save_checkpoint"]

ARCHITECTURES: dict[str, type[nn.Module]] = {"EDSR": EDSR, "RRDBNet": RRDBNet}
MAX_SIZE = 1024  # the largest value of any size of a network
MAX_BLOCKS = 128  # each block takes time to build, however narrow it is


def save_checkpoint(model: nn.Module, path: Path, card: Card, dtype: torch.dtype = torch.float32) -> None:
    """Write ``path`` (.safetensors) and its card, each atomically and the weights first.

    Args:
        model: an ``EDSR`` or ``RRDBNet``.
        path: ends in ``.safetensors``; the card goes beside it as ``.json``.
        card: the provenance; architecture, format and the weights' SHA-256 are added.
        dtype: the type of the stored weights; ``torch.float16`` halves the file.

    Raises:
        ValueError: for another suffix or architecture, or for weights that are not finite as ``dtype``.
    """
    kind = type(model).__name__
    if path.suffix != ".safetensors":
        raise ValueError(f"a checkpoint's name ends in .safetensors, got {path.name}")
    if kind not in ARCHITECTURES:
        raise ValueError(f"cannot save a {kind}; known architectures: {', '.join(ARCHITECTURES)}")
    state = {key: value.detach().to("cpu", dtype).contiguous() for key, value in model.state_dict().items()}
    try:
        require_finite(state)  # numbers of half precision end at 65,504
    except WeightsError as error:
        raise CheckpointError(f"{path} {error}") from error
    weights = save_tensors(state)
    full = {
        "format": FORMAT,
        "name": path.stem,
        "architecture": {"type": kind, **model.architecture},  # type: ignore[dict-item]  # a dict on both classes
        "parameters": sum(value.numel() for value in state.values()),
        "weights": {"dtype": str(dtype).removeprefix("torch."), "sha256": hashlib.sha256(weights).hexdigest()},
        **card,
    }
    write_atomically(path, weights)
    write_card(path, full)


def load_checkpoint_file(path: Path) -> nn.Module:
    """Load the network of a checkpoint file, float32, on the CPU, in eval mode, with its provenance as ``.card``.

    Raises:
        CheckpointError: if the file or its card is missing, truncated, foreign, or holds values that are not finite.
    """
    card = read_card(path)
    model = build_network(card["architecture"], str(path.with_suffix(".json")))
    most = 4 * sum(value.numel() for value in model.parameters()) + MAX_HEADER_BYTES
    try:
        content = read_bytes(path, most)
        state, _ = parse_weights(content, FLOATS)
        model.load_state_dict({key: value.float() for key, value in state.items()})
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
    except WeightsError as error:
        raise CheckpointError(f"{path} {error}") from error
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{path} does not fit the architecture on its card: {reason}") from error
    if hashlib.sha256(content).hexdigest() != card["weights"].get("sha256"):
        raise CheckpointError(f"{path} is not the file that its card describes: their SHA-256 differ")
    model.card = card  # type: ignore[assignment]  # nn.Module types attributes as tensors or modules
    return model.eval()


def build_network(architecture: dict[str, Any], source: str) -> nn.Module:
    """Build the untrained network that ``architecture`` ({"type": ..., sizes}) describes; errors name ``source``."""
    sizes = {key: value for key, value in architecture.items() if key != "type"}
    kind = architecture.get("type")
    if not isinstance(kind, str) or kind not in ARCHITECTURES:
        raise CheckpointError(f"{source} names the architecture {repr(kind)[:50]}; known: {', '.join(ARCHITECTURES)}")
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in sizes.values())
    if not numeric or any(value > MAX_SIZE for value in sizes.values()):
        raise CheckpointError(f"{source} has sizes that are not numbers up to {MAX_SIZE}")
    if sizes.get("blocks", 0) > MAX_BLOCKS:
        raise CheckpointError(f"{source} describes more than {MAX_BLOCKS} blocks")
    try:
        with torch.device("meta"):  # this takes no memory: a hostile card must not make us allocate terabytes
            parameters = sum(value.numel() for value in ARCHITECTURES[kind](**sizes).parameters())
        if 2 * parameters > MAX_FILE_BYTES:
            raise CheckpointError(f"{source} describes {parameters:,} parameters, more than a file may hold")
        with torch.device("cpu"):
            return ARCHITECTURES[kind](**sizes)
    except CheckpointError:
        raise
    except (TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{source} has sizes that {kind} does not accept: {str(error)[:200]}") from error
