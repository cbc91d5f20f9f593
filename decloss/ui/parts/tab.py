"""What the page gives to each tab (``Networks``, ``Shared``), and what each tab gives back (``Tab``, ``Link``)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
from torch import nn

from decloss.inference.zerogpu import in_this_process, place
from decloss.ui.parts.address import Field
from decloss.ui.parts.tally import Tallies
from decloss.ui.parts.visitor import Mine
from decloss.views.example_results import ExampleResults
from decloss.zoo.checkpoint import Card, CheckpointError, load_checkpoint_file, read_card
from decloss.zoo.registry import SHARPENED, TWIN_OF, Zoo, sharpened

NO_SCENE = (
    "Choose a photo of at least 64 pixels a side above. If there is one and you were away for a while, move its place "
    "a little: it is cut out again."
)
"""The message when the server has no crop for a visitor, since it soon forgets pages that are closed or asleep."""
DAMAGED = "This checkpoint cannot be used: its file is damaged. Choose another network."
DAMAGED_MINE = "this finetune's checkpoint is damaged"
NEW = "() => String(performance.now())"
"""A script that returns a value which was not there before, so that the component that gets it counts as changed."""
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""Options for events that are not part of the API."""
LIVE: dict[str, Any] = {**PRIVATE, "trigger_mode": "always_last", "show_progress": "hidden"}
"""Options for the events of sliders; without "always_last" Gradio drops the value at which a slider comes to rest."""
LOOKS: dict[str, Any] = {**LIVE, "concurrency_id": "looks"}
"""Options for events that take longer, so that sliders do not wait for them; ``ui/serving/lanes.py`` has all lanes."""
PHOTOS: dict[str, Any] = {**LIVE, "concurrency_id": "photos"}
"""Options for events that decode a visitor's photo."""
OPENING: dict[str, Any] = {**LIVE, "concurrency_id": "reading"}
"""Options for what every page asks for as it opens, so that pages that open at once do not fill the sliders' lane."""
DRAWING: dict[str, Any] = {**LIVE, "concurrency_id": "drawing"}
"""Options for what Compare draws of its results, which nobody is turned away from."""
FINETUNES: dict[str, Any] = {**PRIVATE, "concurrency_id": "finetunes"}
"""Options for events that change a finetune."""


@dataclass(frozen=True)
class Networks:
    """The checkpoints that a visitor can choose, and the function that loads them."""

    zoo: Zoo
    names: list[str]
    """The names of the checkpoints; "bicubic" is the first."""
    load: Callable[[str], nn.Module]
    """A function that loads a network by its name onto the best device, and remembers it."""
    mine: Mapping[str, Path] = field(default_factory=dict)
    """The files of those ``names`` that are the visitor's own finetunes."""

    def with_mine(self, mine: Mapping[str, Path]) -> "Networks":
        """Return these checkpoints together with the visitor's own finetunes."""

        def load(name: str) -> nn.Module:
            return _load_mine(mine[name], _weights(mine[name])) if name in mine else self.load(name)

        return replace(self, names=[*self.names, *mine], load=load, mine=mine)

    def with_twin(self) -> "Networks":
        """Return these checkpoints with the sharpened twin of ``TWIN_OF`` behind that, if it is among them."""
        if TWIN_OF not in self.names:
            return self

        def load(name: str) -> nn.Module:
            return sharpened(self.load(TWIN_OF)) if name == SHARPENED else self.load(name)

        after = self.names.index(TWIN_OF) + 1
        return replace(self, names=[*self.names[:after], SHARPENED, *self.names[after:]], load=load)

    def ahead(self) -> "Networks":
        """Return these checkpoints for what is made before anybody asks: no visitor's share of a lent GPU is used."""
        return replace(self, load=lambda name: in_this_process(self.load(name)))

    def card(self, name: str) -> Card:
        """Return the provenance of the checkpoint ``name``; raise a ``CheckpointError`` if it is damaged or gone."""
        return _read_mine(self.mine[name]) if name in self.mine else self.zoo.card(name)


@dataclass(frozen=True)
class Shared:
    """The components above the tabs, which all tabs share."""

    photo: gr.Image
    """The visitor's photo; the handlers of its events get an ``Upload``."""
    x: gr.Slider
    """The place that the tabs look at, in per cent from the left."""
    y: gr.Slider
    """The place that the tabs look at, in per cent from the top."""
    scene: gr.State
    """The crop at that place, a ``Scene``, or None while there is no usable photo."""
    mine: Mine
    """The visitor's own finetunes."""
    examples: ExampleResults
    """What all networks make of the example photos, as far as that is ready."""
    tallies: Tallies
    """What the votes of the blind test say so far."""


PAIR = ("models", "left", "right")
"""The keys of Compare's controls that a link to two networks sets: the ticks, and the viewer's two sides."""


@dataclass(frozen=True)
class Link:
    """A component whose event opens another tab with some of its controls set."""

    button: Any
    """The button, or another component with the event called ``event``."""
    tab: str
    """The other tab's id in the address."""
    keys: tuple[str, ...]
    """The keys of the controls' fields in the address."""
    values: Callable[..., Sequence[Any]]
    """A function that returns the controls' values, in the order of ``keys``, from the values of ``inputs``."""
    inputs: tuple[Any, ...]
    event: str = "click"
    runs: bool = False
    """Whether the other tab's run is started then, as if its button had been clicked."""


@dataclass(frozen=True)
class Tab:
    """What a tab that was built inside the current ``gr.Blocks`` tells the page."""

    fields: tuple[Field, ...] = ()
    """The controls whose values stand in the address."""
    refresh: Callable[..., Any] | None = None
    """A function or generator function ``refresh(scene, *values of inputs)`` that fills the ``outputs``.

    It is called when the tab is opened, and when the scene changes while the tab is open.
    """
    inputs: tuple[Any, ...] = ()
    """The components whose values ``refresh`` gets after the scene."""
    outputs: tuple[Any, ...] = ()
    """The components that ``refresh`` fills."""
    links: tuple[Link, ...] = ()
    """The buttons that lead to other tabs."""
    ahead: Callable[[], None] | None = None
    """A function that makes what all visitors will share; it is called once, in the background, at the start."""


def _weights(path: Path) -> str:
    return str(_read_mine(path)["weights"].get("sha256"))


def _read_mine(path: Path) -> Card:
    try:
        return read_card(path)
    except CheckpointError as error:
        gone = not path.with_suffix(".json").exists()
        raise CheckpointError("this finetune was deleted" if gone else DAMAGED_MINE) from error


# ``weights`` is a part of the cache's key alone: a finetune that goes on writes other weights to the same path.
@lru_cache(maxsize=4)
def _load_mine(path: Path, weights: str) -> nn.Module:  # noqa: ARG001
    try:
        return place(load_checkpoint_file(path), path)
    except CheckpointError as error:
        raise CheckpointError(DAMAGED_MINE) from error
