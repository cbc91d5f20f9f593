"""Checks of values from the page and the API: Gradio's components do not enforce their own limits on API calls."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gradio as gr


@contextmanager
def said_to_visitor(*errors: type[Exception]) -> Iterator[None]:
    """Turn each of the ``errors`` that is raised in this context into a ``gr.Error`` with the same message."""
    try:
        yield
    except errors as error:
        raise gr.Error(str(error)) from error


def check_number(value: object, name: str, low: float, high: float) -> float:
    """Return ``value`` as a float; raise a ``gr.Error`` that says ``name`` unless it is a finite number in [low, high].

    A value between two steps of a slider is allowed; ``check_count`` is for things that are counted.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise gr.Error(f"{name} must be a number from {low:g} to {high:g}.")
    try:
        number = float(value) + 0.0  # turns -0.0 into 0.0
    except OverflowError:  # an integer of hundreds of digits is no float
        number = math.inf
    if not math.isfinite(number):
        raise gr.Error(f"{name} must be a number from {low:g} to {high:g}.")
    if not low <= number <= high:
        raise gr.Error(f"{name} must be from {low:g} to {high:g}, got {number:g}.")
    return number


def check_count(value: object, name: str, low: float, high: float, step: int = 1) -> int:
    """Return ``value`` (3 or 3.0) as an int; raise a ``gr.Error`` if it is no multiple of ``step`` in [low, high]."""
    number = check_number(value, name, low, high)
    if number % step:
        what = "a whole number" if step == 1 else f"a multiple of {step}"
        raise gr.Error(f"{name} must be {what}, got {number:.12g}.")
    return int(number)


def check_choice(value: object, name: str, choices: Sequence[str]) -> str:
    """Return ``value``; raise a ``gr.Error`` that lists the ``choices`` if it is none of them."""
    if not isinstance(value, str) or value not in choices:
        raise gr.Error(f"{name} must be one of: {', '.join(choices)}.")
    return value


def check_choices(values: object, name: str, choices: Sequence[str]) -> list[str]:
    """Return ``values`` once each, in the order of ``choices``; raise a ``gr.Error`` for an unknown one or for none."""
    if not isinstance(values, list) or not values:
        raise gr.Error(f"Choose at least one of {name}.")
    chosen = {check_choice(value, name, choices) for value in values}
    return [choice for choice in choices if choice in chosen]


def check_click(index: Any, low: float, high: tuple[float, float]) -> tuple[float, float]:
    """Return the two coordinates of a click; raise a ``gr.Error`` unless each is from ``low`` to its own ``high``."""
    if not (isinstance(index, list | tuple) and len(index) == 2):
        raise gr.Error("A click needs two coordinates.")
    first, second = (check_number(value, "The coordinate", low, most) for value, most in zip(index, high, strict=True))
    return first, second
