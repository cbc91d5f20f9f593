"""Checkpoints: NAME.safetensors holds the weights, NAME.json beside it the card. Nothing is ever unpickled."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import nn

from decloss.models import EDSR, RRDBNet
from decloss.training.atomic import write_atomically

ARCHITECTURES: dict[str, type[nn.Module]] = {"EDSR": EDSR, "RRDBNet": RRDBNet}
FORMAT = 1
MAX_FILE_BYTES = 512 * 2**20
MAX_CARD_BYTES = 2**20
MAX_SIZE = 1024  # of any architecture argument

Card = dict[str, Any]


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message names the file and says why."""


def save_checkpoint(model: nn.Module, path: Path, card: Card, dtype: torch.dtype = torch.float32) -> None:
    """Write ``path`` (.safetensors) and its card, each atomically and the weights first.

    Args:
        model: an ``EDSR`` or ``RRDBNet``.
        path: ends in ``.safetensors``; the card goes beside it as ``.json``.
        card: the provenance; architecture, format and the weights' SHA-256 are added.
        dtype: of the stored weights; ``torch.float16`` halves the file.

    Raises:
        ValueError: for another suffix or architecture.
    """
    kind = type(model).__name__
    if path.suffix != ".safetensors":
        raise ValueError(f"a checkpoint's name ends in .safetensors, got {path.name}")
    if kind not in ARCHITECTURES:
        raise ValueError(f"cannot save a {kind}; known architectures: {', '.join(ARCHITECTURES)}")
    state = {key: value.detach().to("cpu", dtype).contiguous() for key, value in model.state_dict().items()}
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


def write_card(path: Path, card: Card) -> None:
    """Write the card of the checkpoint ``path`` (.safetensors)."""
    write_atomically(path.with_suffix(".json"), (json.dumps(card, indent=2, allow_nan=False) + "\n").encode())


def read_card(path: Path) -> Card:
    """The card of the checkpoint ``path`` (.safetensors).

    Raises:
        CheckpointError: if it is missing, too large, or not a card of ours.
    """
    card_path = path.with_suffix(".json")
    try:
        if card_path.stat().st_size > MAX_CARD_BYTES:
            raise CheckpointError(f"{card_path} is too large for a card")
        card = json.loads(card_path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{card_path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{card_path} is not JSON: {str(error)[:100]}") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT or not isinstance(card.get("architecture"), dict):
        raise CheckpointError(f"{card_path} is not a DECLoss card of format {FORMAT}")
    for key, kind in (("training", list), ("metrics", dict), ("weights", dict)):
        if not isinstance(card.setdefault(key, kind()), kind):
            raise CheckpointError(f"{card_path} has a {key!r} that is not a {kind.__name__}")
    return card


def load_checkpoint_file(path: Path) -> nn.Module:
    """The network of a checkpoint file, float32, on the CPU, in eval mode, with its provenance as ``.card``.

    Raises:
        CheckpointError: if the file or its card is missing, truncated, foreign, or holds values that are not finite.
    """
    card = read_card(path)
    model = build_network(card["architecture"], str(path.with_suffix(".json")))
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise CheckpointError(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MiB")
        content = path.read_bytes()
        state = load_tensors(content)
        model.load_state_dict({key: value.float() for key, value in state.items()})
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
    except SafetensorError as error:
        raise CheckpointError(f"{path} is truncated or not a safetensors file ({error})") from error
    except RuntimeError as error:
        raise CheckpointError(f"{path} does not fit the architecture on its card: {str(error)[:200]}") from error
    if not all(bool(value.isfinite().all()) for value in model.state_dict().values()):
        raise CheckpointError(f"{path} holds weights that are not finite")
    if hashlib.sha256(content).hexdigest() != card["weights"].get("sha256"):
        raise CheckpointError(f"{path} is not the file that its card describes: their SHA-256 differ")
    model.card = card  # type: ignore[assignment]  # nn.Module types attributes as tensors or modules
    return model.eval()


def build_network(architecture: dict[str, Any], source: str) -> nn.Module:
    """The untrained network that ``architecture`` ({"type": ..., sizes}) describes; ``source`` names it in errors."""
    sizes = {key: value for key, value in architecture.items() if key != "type"}
    kind = architecture.get("type")
    if not isinstance(kind, str) or kind not in ARCHITECTURES:
        raise CheckpointError(f"{source} names the architecture {kind!r}; known: {', '.join(ARCHITECTURES)}")
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in sizes.values())
    if not numeric or any(value > MAX_SIZE for value in sizes.values()):
        raise CheckpointError(f"{source} has sizes that are not numbers up to {MAX_SIZE}")
    try:
        with torch.device("meta"):  # without memory: a hostile card must not make us allocate terabytes
            parameters = sum(value.numel() for value in ARCHITECTURES[kind](**sizes).parameters())
        if 2 * parameters > MAX_FILE_BYTES:
            raise CheckpointError(f"{source} describes {parameters:,} parameters, more than a file may hold")
        with torch.device("cpu"):
            return ARCHITECTURES[kind](**sizes)
    except CheckpointError:
        raise
    except (TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{source} has sizes that {kind} does not accept: {error}") from error
