"""What a tab tells the page that composes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
from torch import nn

from decloss.inference.zerogpu import place
from decloss.ui.parts.address import Field
from decloss.ui.parts.visitor import Mine
from decloss.zoo.checkpoint import Card, CheckpointError, load_checkpoint_file, read_card
from decloss.zoo.registry import Zoo

NO_SCENE = (
    "Choose a photo of at least 64 pixels a side above. If there is one and you were away for a while, move its place "
    "a little: it is cut out again."
)
"""Where the server has no crop for a visitor; of a page that was closed or asleep it forgets everything soon."""
DAMAGED = "This checkpoint cannot be used: its file is damaged. Choose another network."
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""For events that are no part of the API."""
LIVE: dict[str, Any] = {**PRIVATE, "trigger_mode": "always_last", "show_progress": "hidden"}
"""For sliders: without "always_last" Gradio drops the value at which the slider comes to rest."""
LOOKS: dict[str, Any] = {**LIVE, "concurrency_id": "looks"}
"""For pictures that take longer, so that sliders need not wait for them. ``ui/serving/lanes.py`` has all lanes."""
PHOTOS: dict[str, Any] = {**LIVE, "concurrency_id": "photos"}
"""For what decodes a visitor's photo."""
FINETUNES: dict[str, Any] = {**PRIVATE, "concurrency_id": "finetunes"}
"""For what changes a finetune."""


@dataclass(frozen=True)
class Networks:
    """The checkpoints that a visitor can choose."""

    zoo: Zoo
    names: list[str]
    """bicubic, then every checkpoint."""
    load: Callable[[str], nn.Module]
    """By name, on the best device, remembered."""
    mine: Mapping[str, Path] = field(default_factory=dict)
    """The files of those among ``names`` that are this visitor's own."""

    def with_mine(self, mine: Mapping[str, Path]) -> "Networks":
        """These and a visitor's own."""

        def load(name: str) -> nn.Module:
            return _load_mine(mine[name], _weights(mine[name])) if name in mine else self.load(name)

        return replace(self, names=[*self.names, *mine], load=load, mine=mine)

    def card(self, name: str) -> Card:
        """The provenance of one of ``names``; ``CheckpointError`` if it is damaged or gone."""
        return _read_mine(self.mine[name]) if name in self.mine else self.zoo.card(name)


@dataclass(frozen=True)
class Shared:
    """What all tabs have in common, above them."""

    photo: gr.Image
    """Its handlers get an ``Upload``."""
    x: gr.Slider
    """Per cent from the left, of the place looked at."""
    y: gr.Slider
    """Per cent from the top."""
    scene: gr.State
    """A ``Scene``, or None while there is no usable photo."""
    mine: Mine
    """The visitor's own finetunes."""


@dataclass(frozen=True)
class Link:
    """A button that opens another tab with one of its controls set."""

    button: gr.Button
    tab: str
    """Its id in the address."""
    key: str
    """Of the control's field."""
    value: Callable[..., Any]
    """Called with the values of ``inputs``; gives the control's value."""
    inputs: tuple[Any, ...]


@dataclass(frozen=True)
class Tab:
    """A tab as it was built inside the current ``gr.Blocks``."""

    fields: tuple[Field, ...] = ()
    """Controls whose values stand in the address."""
    refresh: Callable[..., Any] | None = None
    """Called as ``refresh(scene, *values of inputs)``: the tab was opened, or the scene changed while it is open.

    A function, or a generator function where it takes longer.
    """
    inputs: tuple[Any, ...] = ()
    """Components beside the scene."""
    outputs: tuple[Any, ...] = ()
    """What ``refresh`` gives."""
    links: tuple[Link, ...] = ()
    """Buttons that lead to other tabs."""


def _weights(path: Path) -> str:
    return str(_read_mine(path)["weights"].get("sha256"))


def _read_mine(path: Path) -> Card:
    try:
        return read_card(path)
    except CheckpointError as error:
        raise CheckpointError("this finetune was deleted") from error


@lru_cache(maxsize=4)
def _load_mine(path: Path, weights: str) -> nn.Module:  # noqa: ARG001  # extended, it has others at the same place
    try:
        return place(load_checkpoint_file(path), path)
    except CheckpointError as error:
        raise CheckpointError("this finetune's checkpoint is damaged") from error
