"""What a tab tells the page that composes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr
from torch import nn

from decloss.ui.address import Field
from decloss.zoo import Zoo

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""For events that are no part of the API."""
LIVE: dict[str, Any] = {**PRIVATE, "trigger_mode": "always_last", "show_progress": "hidden"}
"""For sliders: without "always_last" Gradio drops the value at which the slider comes to rest."""


@dataclass(frozen=True)
class Networks:
    """The checkpoints that a visitor can choose."""

    zoo: Zoo
    names: list[str]
    """bicubic, then every checkpoint."""
    load: Callable[[str], nn.Module]
    """By name, on the best device, remembered."""


@dataclass(frozen=True)
class Shared:
    """What all tabs have in common, above them."""

    photo: gr.Image
    """Its handlers get the file's bytes."""
    x: gr.Slider
    """Per cent from the left, of the place looked at."""
    y: gr.Slider
    """Per cent from the top."""
    scene: gr.State
    """A ``Scene``, or None while there is no usable photo."""


@dataclass(frozen=True)
class Tab:
    """A tab as it was built inside the current ``gr.Blocks``."""

    fields: tuple[Field, ...] = ()
    """Controls whose values stand in the address."""
    refresh: Callable[..., Any] | None = None
    """Called as ``refresh(scene, *values of inputs)``: the tab was opened, or the scene changed while it is open."""
    inputs: tuple[Any, ...] = ()
    """Components beside the scene."""
    outputs: tuple[Any, ...] = ()
    """What ``refresh`` gives."""
