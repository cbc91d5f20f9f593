"""Parameters of the API made from declared controls, so that a new control is one there without another line."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from decloss.ui.parts.controls import declared


def with_parameters(values: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator for a function of the API, which writes into it what ``values`` declares.

    A function that names its parameters itself gets the ranges of controls in its docstring, where it says ``{mu}``.

    In one that has a parameter ``sent``, this stands for all controls. Each becomes a parameter, named as its field and
    with its type and default. What the API says of it stands in the declaration, where "{range}" is what is allowed:
    ``mu: Annotated[float, Slider(...), "width, {range}."]``. The function gets what was sent as one mapping. Its
    docstring has the words of all where it says ``{controls}``.
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

        def answers(*given: Any) -> Any:  # Gradio asks a function whether it is a generator
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
