"""API parameters made from declared controls, so that a new control becomes a parameter without another line."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from decloss.ui.parts.controls import declared


def with_parameters(values: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a function of the API the parameters and the words that ``values`` declares.

    If the function has a parameter ``sent``, one parameter for each control takes its place, with the field's name,
    type and default, and the function gets what was sent as one mapping. The API's words for a control stand in its
    declaration, where "{range}" becomes the allowed values: ``mu: Annotated[float, Slider(...), "width, {range}."]``.
    In the function's docstring ``{controls}`` becomes the words of all controls.

    A function without ``sent`` names its own parameters; ``{mu}`` in its docstring becomes the range of that control.
    """
    hints, controls = get_type_hints(values, include_extras=True), declared(values)
    names = list(controls)
    ours = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=inspect.Parameter.empty if each.default is MISSING else each.default,
            annotation=hints[each.name].__origin__,
        )
        for each in fields(values)
    ]

    def write(function: Callable[..., Any]) -> Callable[..., Any]:
        own = inspect.signature(function)
        if "sent" not in own.parameters:
            ranges = {name: control.range for name, control in controls.items()}
            function.__doc__ = (function.__doc__ or "").format_map(ranges)
            return function
        words = (f"{name}: {hints[name].__metadata__[1].format(range=controls[name].range)}" for name in names)
        described = "\n    ".join(words)
        first = list(own.parameters).index("sent")
        last = first + len(names)

        def gather(given: Sequence[Any]) -> list[Any]:
            return [*given[:first], dict(zip(names, given[first:last], strict=True)), *given[last:]]

        def answer(*given: Any) -> Any:
            return function(*gather(given))

        def answers(*given: Any) -> Any:  # Gradio asks whether a function is a generator function, so this must be one
            yield from function(*gather(given))

        written: Any = answers if inspect.isgeneratorfunction(function) else answer
        others = list(own.parameters.values())
        flat = own.replace(parameters=[*others[:first], *ours, *others[first + 1 :]])
        written.__signature__ = flat
        written.__annotations__ = {name: each.annotation for name, each in flat.parameters.items()}
        written.__annotations__["return"] = flat.return_annotation
        written.__name__, written.__module__ = function.__name__, function.__module__
        written.__doc__ = inspect.cleandoc(function.__doc__ or "").format(controls=described)
        return written

    return write
