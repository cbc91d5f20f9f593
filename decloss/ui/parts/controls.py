"""Controls, each declared once: its component, limits, check, field of the address, and words for the API.

A tab declares its controls as the fields of a frozen dataclass, and its callbacks get an instance of that::

    @dataclass(frozen=True)
    class Controls:
        mu: Annotated[float, Slider("μ", 0.05, 1.0, 0.01, info="Small: only the finest detail.")] = 0.25

A field's default is that of the component, of the address and of the API. A ``Panel`` lays them out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar, get_type_hints

import gradio as gr

from decloss.ui.parts.address import SEPARATOR, choice
from decloss.ui.parts.checks import check_choice, check_choices, check_count, check_number

V = TypeVar("V")
Known = Mapping[str, Sequence[str]]
"""Control -> its choices, where they are known only when the page is built."""


@dataclass(frozen=True)
class Control:
    """What all kinds of controls have."""

    label: str
    """Above the component."""
    info: str = field(default="", kw_only=True)
    """Below the label."""
    name: str = field(default="", kw_only=True)
    """What errors call it; the label where there is none."""
    key: str = field(default="", kw_only=True)
    """In the address and in the element's id; the name of the dataclass's field where there is none."""
    element: str = field(default="", kw_only=True)
    """In the element's id, where that has another name than the address."""
    section: str = field(default="", kw_only=True)
    """Which part of the tab's layout it stands in."""
    linked: bool = field(default=True, kw_only=True)
    """Whether its value stands in the address."""

    @property
    def called(self) -> str:
        """What errors call it."""
        return self.name or self.label

    def component(self, value: Any, **options: Any) -> Any:
        """The component with ``value`` in it; ``options`` are Gradio's."""
        raise NotImplementedError

    def shown(self, value: Any) -> Any:
        """The component's value for what callbacks take."""
        return value

    def check(self, value: Any) -> Any:
        """``value`` as the page or the API sent it, as callbacks take it; a ``gr.Error`` that names what is wrong."""
        raise NotImplementedError

    def from_address(self, text: str) -> Any:
        """The component's value that ``text`` in the address means; ``ValueError`` for nonsense."""
        raise NotImplementedError

    @property
    def range(self) -> str:
        """What is allowed, in the API's words."""
        raise NotImplementedError


@dataclass(frozen=True)
class Slider(Control):
    """A number within limits, as a slider."""

    minimum: float
    maximum: float
    step: float
    whole: bool = field(default=False, kw_only=True)
    """Whether callbacks take whole numbers only."""
    stepped: bool = field(default=True, kw_only=True)
    """Whether a number in the address moves to the slider's nearest step."""

    @property
    def limits(self) -> tuple[float, float]:
        """The least value and the largest."""
        return self.minimum, self.maximum

    def component(self, value: Any, **options: Any) -> Any:
        """A slider."""
        return gr.Slider(*self.limits, value=value, step=self.step, label=self.label, info=self.info or None, **options)

    def check(self, value: Any) -> float:
        """A finite number within the limits."""
        check = check_count if self.whole else check_number
        return check(value, self.called, *self.limits)

    def from_address(self, text: str) -> float:
        """A number within the limits."""
        value = float(text)
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{text} is not from {self.minimum} to {self.maximum}")
        if not self.stepped:
            return value
        return round(self.minimum + round((value - self.minimum) / self.step) * self.step, 6)

    @property
    def range(self) -> str:
        """Such as "0.1 to 4"."""
        return "{:g} to {:g}".format(*self.limits)


@dataclass(frozen=True)
class Number(Slider):
    """A number within limits, as a box to type into."""

    def component(self, value: Any, **options: Any) -> Any:
        """A box."""
        return gr.Number(value, step=self.step, label=self.label, info=self.info or None, **options)


@dataclass(frozen=True)
class Choice(Control):
    """One of several texts, as radio buttons."""

    choices: Sequence[str] = ()
    titles: Sequence[str] = field(default=(), kw_only=True)
    """What stands beside each button; the texts themselves where there are none."""
    convert: Callable[[str], Any] = field(default=str, kw_only=True)
    """From the text to what callbacks take."""
    kind: ClassVar[Any] = gr.Radio
    """The component."""

    def shown(self, value: Any) -> Any:
        """The text."""
        return str(value) if value is not None else None

    def component(self, value: Any, **options: Any) -> Any:
        """The buttons, list or boxes."""
        shown = list(zip(self.titles or self.choices, self.choices, strict=True))
        return self.kind(shown, value=value, label=self.label, info=self.info or None, **options)

    def check(self, value: Any) -> Any:
        """One of the choices, converted."""
        return self.convert(check_choice(value, self.called, self.choices))

    def from_address(self, text: str) -> str:
        """One of the choices."""
        return choice(self.choices)(text)

    @property
    def range(self) -> str:
        """Such as "4, 8 or 16"."""
        return " or ".join([", ".join(self.choices[:-1]), *self.choices[-1:]]).removeprefix(" or ")


@dataclass(frozen=True)
class Dropdown(Choice):
    """One of several texts, as a list that opens."""

    kind = gr.Dropdown


@dataclass(frozen=True)
class Several(Choice):
    """At least one of several texts, as boxes to tick."""

    most: int | None = field(default=None, kw_only=True)
    """How many may be ticked at a time."""
    kind = gr.CheckboxGroup

    def shown(self, value: Any) -> Any:
        """Those that are ticked."""
        return value

    def check(self, value: Any) -> list[str]:
        """Those that are ticked, in the order of the choices."""
        chosen = check_choices(value, self.called, self.choices)
        if self.most is not None:
            check_count(len(chosen), f"The number of {self.called.removeprefix('the ')}", 1, self.most)
        return chosen

    def from_address(self, text: str) -> Any:
        """Those of the choices that the text names; names that are gone are left out."""
        found = [name for name in self.choices if name in text.split(SEPARATOR)]
        if not found:
            raise ValueError(f"{text!r} names none of the choices")
        return found


def declared(values: type, known: Known | None = None) -> dict[str, Any]:
    """The controls of a dataclass by the names of its fields, in their order, with the choices that are ``known``."""
    hints = get_type_hints(values, include_extras=True)
    return with_choices({each.name: hints[each.name].__metadata__[0] for each in fields(values)}, known or {})


def with_choices(controls: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The controls of which some have the choices that are ``known``."""
    return {**controls, **{name: replace(controls[name], choices=choices) for name, choices in known.items()}}


def checked(values: type[V], known: Known | None = None, /, **sent: Any) -> V:
    """An instance of ``values`` from what the API sent; what was not sent has its default.

    Raises:
        gr.Error: with a sentence that names the first value that is wrong.
    """
    controls = declared(values, known)
    return values(**{name: controls[name].check(value) for name, value in sent.items()})
