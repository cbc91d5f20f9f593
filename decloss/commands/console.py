"""What the commands share: messages and cards."""

import sys

from torch import nn

from decloss.training.checkpoint import Card


def say(text: str) -> None:
    """A message for the person, kept apart from the output."""
    print(text, file=sys.stderr)


def card_of(model: nn.Module) -> Card:
    """The card that ``load_checkpoint`` put on a network."""
    card: Card = model.card  # type: ignore[assignment]  # nn.Module types attributes as tensors or modules
    return card
