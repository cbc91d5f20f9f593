"""What the commands share: messages, progress bars and cards."""

import sys

from torch import nn

from decloss.training.checkpoint import Card


def say(text: str) -> None:
    """A message for the person, kept apart from the output."""
    print(text, file=sys.stderr)


def refresh_seconds() -> float:
    """How often a progress bar is drawn: live in a terminal, now and then in a log file."""
    return 0.5 if sys.stderr.isatty() else 30.0


def card_of(model: nn.Module) -> Card:
    """The card that ``load_checkpoint`` put on a network."""
    card: Card = model.card  # type: ignore[assignment]  # nn.Module types attributes as tensors or modules
    return card
