"""Values from the page or the API, checked before use: components do not enforce their own limits on API calls."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gradio as gr


@contextmanager
def said_to_visitor(*errors: type[Exception]) -> Iterator[None]:
    """Inside it, one of the ``errors`` becomes a ``gr.Error`` with the same sentence."""
    try:
        yield
    except errors as error:
        raise gr.Error(str(error)) from error


def check_number(value: object, name: str, low: float, high: float) -> float:
    """``value`` as a finite number in [low, high], or a ``gr.Error`` that names it.

    The step of a slider is for the hand: between two of its places a width or a weight means as much as on them. Where
    it does not, as for things that are counted, there is ``check_count``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise gr.Error(f"{name} must be a number from {low:g} to {high:g}.")
    try:
        number = float(value) + 0.0  # no -0.0
    except OverflowError:  # an integer of hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise gr.Error(f"{name} must be a number from {low:g} to {high:g}.")
    if not low <= number <= high:
        raise gr.Error(f"{name} must be from {low:g} to {high:g}, got {number:g}.")
    return number


def check_count(value: object, name: str, low: float, high: float, step: int = 1) -> int:
    """``value`` as a multiple of ``step`` in [low, high], such as 3 or 3.0, or a ``gr.Error`` that names it."""
    number = check_number(value, name, low, high)
    if number % step:
        what = "a whole number" if step == 1 else f"a multiple of {step}"
        raise gr.Error(f"{name} must be {what}, got {number:.12g}.")
    return int(number)


def check_choice(value: object, name: str, choices: Sequence[str]) -> str:
    """``value`` if it is one of ``choices``, or a ``gr.Error`` that lists them."""
    if not isinstance(value, str) or value not in choices:
        raise gr.Error(f"{name} must be one of: {', '.join(choices)}.")
    return value


def check_choices(values: object, name: str, choices: Sequence[str]) -> list[str]:
    """``values`` without repetitions, in the order of ``choices``; a ``gr.Error`` if one is unknown or none given."""
    if not isinstance(values, list) or not values:
        raise gr.Error(f"Choose at least one of {name}.")
    chosen = {check_choice(value, name, choices) for value in values}
    return [choice for choice in choices if choice in chosen]


def percent_of_click(index: Any, width: int, height: int) -> tuple[float, float]:
    """A click at ``index`` = (x, y) pixels as percent from the left and from the top, or a ``gr.Error``."""
    x, y = check_click(index, 0, (width, height))
    return round(100 * x / width, 1), round(100 * y / height, 1)


def check_click(index: Any, low: float, high: tuple[float, float]) -> tuple[float, float]:
    """The two coordinates of a click at ``index``, from ``low`` to ``high`` each, or a ``gr.Error``."""
    if not (isinstance(index, list | tuple) and len(index) == 2):
        raise gr.Error("A click needs two coordinates.")
    first, second = (check_number(value, "The coordinate", low, most) for value, most in zip(index, high, strict=True))
    return first, second
