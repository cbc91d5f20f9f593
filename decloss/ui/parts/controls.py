"""Each control of the page, declared once: its component, limits, check, key in the address and words for the API.

A tab declares its controls as the fields of a frozen dataclass, and its callbacks get an instance of that dataclass::

    @dataclass(frozen=True)
    class Controls:
        mu: Annotated[float, Slider("μ", 0.05, 1.0, 0.01, info="Small: only the finest detail.")] = 0.25

A field's default is used by the component, by the address and by the API. A ``Panel`` lays the components out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar, get_type_hints

import gradio as gr

from decloss.ui.parts.address import SEPARATOR, choice
from decloss.ui.parts.checks import check_choice, check_choices, check_count, check_number

V = TypeVar("V")
Known = Mapping[str, Sequence[str]]
"""Choices by the name of the control, for those whose choices are known only when the page is built."""


@dataclass(frozen=True)
class Control:
    """What every control has: its words, its key in the address, and how its values are checked."""

    label: str
    """The text above the component."""
    info: str = field(default="", kw_only=True)
    """The text below the label."""
    name: str = field(default="", kw_only=True)
    """The control's name in error messages; if it is empty, the label is used."""
    key: str = field(default="", kw_only=True)
    """The name in the address and in the element's id; if it is empty, the name of the dataclass's field is used."""
    element: str = field(default="", kw_only=True)
    """The name in the element's id, where it differs from the one in the address."""
    section: str = field(default="", kw_only=True)
    """The part of the tab's layout in which the control stands."""
    linked: bool = field(default=True, kw_only=True)
    """Whether the page's address holds the value."""

    @property
    def called(self) -> str:
        """The control's name in error messages."""
        return self.name or self.label

    def component(self, value: Any, **options: Any) -> Any:
        """Build the component with ``value`` in it; ``options`` are passed to Gradio."""
        raise NotImplementedError

    def shown(self, value: Any) -> Any:
        """Return what the component shows for ``value``, which is a value that callbacks take."""
        return value

    def check(self, value: Any) -> Any:
        """Return a ``value`` of the page or the API as callbacks take it; raise a ``gr.Error`` if it is wrong."""
        raise NotImplementedError

    def from_address(self, text: str) -> Any:
        """Return the component's value for ``text`` from the address; raise a ``ValueError`` for nonsense."""
        raise NotImplementedError

    @property
    def range(self) -> str:
        """The allowed values, in words for the API."""
        raise NotImplementedError


@dataclass(frozen=True)
class Slider(Control):
    """A slider for a number within limits."""

    minimum: float
    maximum: float
    step: float
    whole: bool = field(default=False, kw_only=True)
    """Whether only whole numbers are allowed."""
    stepped: bool = field(default=True, kw_only=True)
    """Whether a number from the address is moved to the slider's nearest step."""

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the largest value."""
        return self.minimum, self.maximum

    def component(self, value: Any, **options: Any) -> Any:
        """Build the slider."""
        return gr.Slider(*self.limits, value=value, step=self.step, label=self.label, info=self.info or None, **options)

    def check(self, value: Any) -> float:
        """Return ``value`` as a number; raise a ``gr.Error`` unless it is finite and within the limits."""
        check = check_count if self.whole else check_number
        return check(value, self.called, *self.limits)

    def from_address(self, text: str) -> float:
        """Return the number in ``text``; raise a ``ValueError`` unless it is within the limits."""
        value = float(text)
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{text} is not from {self.minimum} to {self.maximum}")
        if not self.stepped:
            if self.whole and value % 1:
                raise ValueError(f"{text} is not a whole number")
            return value
        return round(self.minimum + round((value - self.minimum) / self.step) * self.step, 6)

    @property
    def range(self) -> str:
        """The limits in words, such as "0.1 to 4"."""
        return "{:g} to {:g}".format(*self.limits)


@dataclass(frozen=True)
class Number(Slider):
    """A box into which a number within limits is typed."""

    def component(self, value: Any, **options: Any) -> Any:
        """Build the box."""
        return gr.Number(value, step=self.step, label=self.label, info=self.info or None, **options)


@dataclass(frozen=True)
class Choice(Control):
    """Radio buttons for one of several texts."""

    choices: Sequence[str] = ()
    titles: Sequence[str] = field(default=(), kw_only=True)
    """The words beside the buttons; if there are none, the texts themselves are shown."""
    convert: Callable[[str], Any] = field(default=str, kw_only=True)
    """A function that turns the chosen text into the value that callbacks take."""
    kind: ClassVar[Any] = gr.Radio
    """Gradio's class for the component."""

    def shown(self, value: Any) -> Any:
        """Return ``value`` as text, or None."""
        return str(value) if value is not None else None

    def component(self, value: Any, **options: Any) -> Any:
        """Build the component: radio buttons, a list or tick boxes, depending on ``kind``."""
        shown = list(zip(self.titles or self.choices, self.choices, strict=True))
        return self.kind(shown, value=value, label=self.label, info=self.info or None, **options)

    def check(self, value: Any) -> Any:
        """Return the chosen text, converted; raise a ``gr.Error`` if it is none of the choices."""
        return self.convert(check_choice(value, self.called, self.choices))

    def from_address(self, text: str) -> str:
        """Return ``text``; raise a ``ValueError`` if it is none of the choices."""
        return choice(self.choices)(text)

    @property
    def range(self) -> str:
        """The choices in words, such as "4, 8 or 16"."""
        return " or ".join([", ".join(self.choices[:-1]), *self.choices[-1:]]).removeprefix(" or ")


@dataclass(frozen=True)
class Dropdown(Choice):
    """A list that opens, for one of several texts."""

    kind = gr.Dropdown


@dataclass(frozen=True)
class Several(Choice):
    """Tick boxes for one or more of several texts."""

    most: int | None = field(default=None, kw_only=True)
    """How many boxes may be ticked at a time; None for all of them."""
    kind = gr.CheckboxGroup

    def shown(self, value: Any) -> Any:
        """Return the ticked texts as they are."""
        return value

    def check(self, value: Any) -> list[str]:
        """Return the ticked texts in the order of the choices; raise a ``gr.Error`` for none, too many or unknown."""
        chosen = check_choices(value, self.called, self.choices)
        if self.most is not None:
            check_count(len(chosen), f"The number of {self.called.removeprefix('the ')}", 1, self.most)
        return chosen

    def from_address(self, text: str) -> Any:
        """Return those choices that ``text`` names; raise a ``ValueError`` if it names none that is still there."""
        found = [name for name in self.choices if name in text.split(SEPARATOR)]
        if not found:
            raise ValueError(f"{text!r} names none of the choices")
        return found


def declared(values: type, known: Known | None = None) -> dict[str, Any]:
    """Return a dataclass's controls by the names of its fields, in their order, with the choices that are ``known``."""
    hints = get_type_hints(values, include_extras=True)
    return with_choices({each.name: hints[each.name].__metadata__[0] for each in fields(values)}, known or {})


def with_choices(controls: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """Return ``controls``, some of them with the choices that are ``known``."""
    return {**controls, **{name: replace(controls[name], choices=choices) for name, choices in known.items()}}


def checked(values: type[V], known: Known | None = None, /, **sent: Any) -> V:
    """Return an instance of ``values`` from what the API sent; a field that was not sent has its default.

    Raises:
        gr.Error: if a value is wrong; the message names the first one.
    """
    controls = declared(values, known)
    return values(**{name: controls[name].check(value) for name, value in sent.items()})
