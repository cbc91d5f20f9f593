"""Controls, each declared once: its component, limits, check, field of the address, and words for the API.

A tab declares its controls as the fields of a frozen dataclass, and its callbacks get an instance of that::

    @dataclass(frozen=True)
    class Controls:
        mu: Annotated[float, Slider("μ", 0.05, 1.0, 0.01, info="Small: only the finest detail.")] = 0.25

    panel = Panel(Controls, "f", "frequency")
    panel.lay_out()                                   # every component, inside the current gr.Blocks
    gr.on(panel.changes, lambda *sent: show(panel.read(sent)), panel.inputs)    # show gets Controls(mu=0.25)

A field's default is that of the component, of the address and of the API.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeVar, get_type_hints

import gradio as gr

from decloss.ui.parts.address import Field, choice, number, several
from decloss.ui.parts.checks import check_choice, check_choices, check_count, check_number

V = TypeVar("V")


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
    section: str = field(default="", kw_only=True)
    """Which part of the tab's layout it stands in."""
    linked: bool = field(default=True, kw_only=True)
    """Whether its value stands in the address."""

    def component(self, value: Any, **options: Any) -> Any:
        """The component with ``value`` in it; ``options`` are Gradio's."""
        raise NotImplementedError

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

    def component(self, value: Any, **options: Any) -> gr.Slider:
        """A slider."""
        limits = (self.minimum, self.maximum)
        return gr.Slider(*limits, value=value, step=self.step, label=self.label, info=self.info or None, **options)

    def check(self, value: Any) -> float:
        """A finite number within the limits."""
        check = check_count if self.whole else check_number
        return check(value, self.name or self.label, self.minimum, self.maximum)

    def from_address(self, text: str) -> float:
        """A number within the limits."""
        return number(self.minimum, self.maximum, self.step if self.stepped else None)(text)

    @property
    def range(self) -> str:
        """Such as "0.1 to 4"."""
        return f"{self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True)
class Number(Slider):
    """A number within limits, as a box to type into."""

    def component(self, value: Any, **options: Any) -> gr.Number:
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

    def component(self, value: Any, **options: Any) -> Any:
        """Radio buttons."""
        shown = list(zip(self.titles or self.choices, self.choices, strict=True))
        return gr.Radio(shown, value=value, label=self.label, info=self.info or None, **options)

    def check(self, value: Any) -> Any:
        """One of the choices, converted."""
        return self.convert(check_choice(value, self.name or self.label, self.choices))

    def from_address(self, text: str) -> str:
        """One of the choices."""
        return choice(self.choices)(text)

    @property
    def range(self) -> str:
        """The choices."""
        return ", ".join(self.choices)


@dataclass(frozen=True)
class Dropdown(Choice):
    """One of several texts, as a list that opens."""

    def component(self, value: Any, **options: Any) -> gr.Dropdown:
        """A list that opens."""
        return gr.Dropdown(list(self.choices), value=value, label=self.label, info=self.info or None, **options)


@dataclass(frozen=True)
class Several(Choice):
    """At least one of several texts, as boxes to tick."""

    def component(self, value: Any, **options: Any) -> gr.CheckboxGroup:
        """Boxes to tick."""
        return gr.CheckboxGroup(list(self.choices), value=value, label=self.label, info=self.info or None, **options)

    def check(self, value: Any) -> list[str]:
        """Those that are ticked, in the order of the choices."""
        return check_choices(value, self.name or self.label, self.choices)

    def from_address(self, text: str) -> Any:
        """Those of the choices that the text names."""
        return several(self.choices)(text)


def declared(values: type) -> dict[str, Control]:
    """The controls of a dataclass by the names of its fields, in their order."""
    hints = get_type_hints(values, include_extras=True)
    return {each.name: hints[each.name].__metadata__[0] for each in fields(values)}


def checked(values: type[V], **sent: Any) -> V:
    """An instance of ``values`` from what the API sent; what was not sent has its default.

    Raises:
        gr.Error: with a sentence that names the first value that is wrong.
    """
    controls = declared(values)
    return values(**{name: controls[name].check(value) for name, value in sent.items()})


def with_ranges(values: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that writes the ranges of ``values`` into a function's docstring, where it says ``{mu}``."""

    def write(function: Callable[..., Any]) -> Callable[..., Any]:
        ranges = {name: control.range for name, control in declared(values).items()}
        function.__doc__ = (function.__doc__ or "").format_map(ranges)
        return function

    return write


class Panel(Generic[V]):
    """The controls of a tab as components of the page, and the way back from what the page sends.

    Args:
        values: the dataclass that declares them.
        key: of the tab in the address, before each control's own: "f" for "f.mu".
        elem_id: of the tab, before each control's own: "frequency" for "frequency-mu".
        choices: control -> its choices, where they are known only when the page is built.
        defaults: control -> its first value, in the same case.
    """

    def __init__(
        self,
        values: type[V],
        key: str,
        elem_id: str,
        *,
        choices: Mapping[str, Sequence[str]] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.values, self.key, self.elem_id = values, key, elem_id
        known: dict[str, dict[str, Any]] = {name: {"choices": texts} for name, texts in (choices or {}).items()}
        self.controls = {name: replace(control, **known.get(name, {})) for name, control in declared(values).items()}
        self.defaults = {each.name: each.default for each in fields(values)} | dict(defaults or {})  # type: ignore[arg-type]
        self.components: dict[str, Any] = {}

    def lay_out(self, section: str | None = None, **options: Any) -> None:
        """Make the components of a section, or of all of them, inside the current ``gr.Blocks``."""
        for name, control in self.controls.items():
            if section in (None, control.section):
                elem_id = f"{self.elem_id}-{control.key or name}"
                self.components[name] = control.component(self.defaults[name], elem_id=elem_id, **options)

    def __getitem__(self, name: str) -> Any:
        """The component of a control."""
        return self.components[name]

    @property
    def inputs(self) -> list[Any]:
        """All components, in the order that ``read`` expects."""
        return [self.components[name] for name in self.controls]

    def changes(self, names: Iterable[str] = ()) -> list[Any]:
        """The events of a changed value, of some controls or of all."""
        return [self.components[name].change for name in names or self.controls]

    def read(self, sent: Sequence[Any]) -> V:
        """What callbacks get, from the values of ``inputs``; a ``gr.Error`` names the first that is wrong."""
        pairs = zip(self.controls.items(), sent, strict=True)
        return self.values(**{name: control.check(value) for (name, control), value in pairs})

    @property
    def fields(self) -> tuple[Field, ...]:
        """Those that stand in the address."""
        return tuple(
            Field(f"{self.key}.{control.key or name}", self.components[name], control.from_address)
            for name, control in self.controls.items()
            if control.linked
        )
