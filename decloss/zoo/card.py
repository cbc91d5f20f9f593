"""Cards: NAME.json beside a checkpoint tells what it is and where it comes from; read without torch."""

import json
from pathlib import Path
from typing import Any

from decloss.files.atomic import write_atomically
from decloss.files.untrusted import WeightsError, parse_json, read_bytes

FORMAT = 1
MAX_CARD_BYTES = 2**20
Card = dict[str, Any]
PARTS: dict[str, type] = {"training": list, "metrics": dict, "weights": dict, "parameters": int, "name": str}
"""The parts that a card may leave out, and their types if they are there."""


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message names the file and says why."""


def write_card(path: Path, card: Card) -> None:
    """Write the card of the checkpoint ``path`` (.safetensors)."""
    write_atomically(path.with_suffix(".json"), (json.dumps(card, indent=2, allow_nan=False) + "\n").encode())


def read_card(path: Path) -> Card:
    """Return the card of the checkpoint ``path`` (.safetensors).

    Raises:
        CheckpointError: if it is missing, too large, or not a card of ours.
    """
    card_path = path.with_suffix(".json")
    try:
        card = parse_json(read_bytes(card_path, MAX_CARD_BYTES))
    except OSError as error:
        raise CheckpointError(f"{card_path} cannot be read: {error.strerror}") from error
    except WeightsError as error:
        raise CheckpointError(f"{card_path} is too large for a card") from error
    except ValueError as error:
        raise CheckpointError(f"{card_path} is not JSON: {str(error)[:100]}") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT or not isinstance(card.get("architecture"), dict):
        raise CheckpointError(f"{card_path} is not a DECLoss card of format {FORMAT}")
    for key, kind in PARTS.items():
        if not isinstance(card.setdefault(key, kind()), kind):
            raise CheckpointError(f"{card_path} has a {key!r} that is not a {kind.__name__}")
    if not all(isinstance(stage, dict) for stage in card["training"]):
        raise CheckpointError(f"{card_path} has stages of training that are not described by name")
    return card
