"""A tab's controls on the page: laid out by section, linked to the address, and read into the dataclass they come from.

::

    panel = Panel(Controls, "f", "frequency")         # Controls as in decloss.ui.parts.controls
    panel.lay_out()                                   # every component, inside the current gr.Blocks
    gr.on(panel.changes(), lambda *sent: show(panel.read(sent)), panel.inputs)  # show gets Controls(mu=0.25)

Choices that are known only when the page is built, such as the checkpoints, are given to the panel.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic

from decloss.ui.parts.address import Field
from decloss.ui.parts.controls import Known, V, declared, with_choices


class Panel(Generic[V]):
    """The controls of a tab as components of the page; ``read`` turns the values that the page sends into ``values``.

    Args:
        values: the dataclass that declares the controls.
        key: the tab's prefix in the address: "f" makes "f.mu" of the key "mu"; with "" it stays "mu".
        elem_id: the tab's prefix in element ids: "frequency" makes "frequency-mu"; with "" it is "mu".
        choices: choices by control, for controls whose choices are known only when the page is built.
        defaults: first values by control, where they differ from the API's defaults.
    """

    def __init__(
        self,
        values: type[V],
        key: str,
        elem_id: str,
        *,
        choices: Known | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.values, self.key, self.elem_id = values, key, elem_id
        self.controls = declared(values, choices)
        self.defaults: dict[str, Any] = {each.name: each.default for each in fields(values)} | dict(defaults or {})  # type: ignore[arg-type]
        self.components: dict[str, Any] = {}

    def lay_out(self, section: str | None = None, **options: Any) -> None:
        """Build the components of one section, or of all sections, inside the current ``gr.Blocks``."""
        for name, control in self.controls.items():
            if section in (None, control.section):
                elem_id = "-".join(filter(None, (self.elem_id, control.element or control.key or name)))
                value = control.shown(self.defaults[name])
                self.components[name] = control.component(value, elem_id=elem_id, **options)

    def __getitem__(self, name: str) -> Any:
        """Return the component of the control ``name``."""
        return self.components[name]

    @property
    def inputs(self) -> list[Any]:
        """All components, in the order in which ``read`` expects their values."""
        return [self.components[name] for name in self.controls]

    def changes(self, names: Iterable[str] = (), *, without: Iterable[str] = (), by_hand: bool = False) -> list[Any]:
        """Return the change events of ``names`` or of all controls; with ``by_hand``, those that visitors cause."""
        chosen = [self.components[name] for name in names or self.controls if name not in without]
        return [component.input if by_hand else component.change for component in chosen]

    def read(self, sent: Sequence[Any], **choices: Sequence[str]) -> V:
        """Return the dataclass with the values of ``inputs``; raise a ``gr.Error`` that names the first wrong one.

        Args:
            sent: the values, in the order of ``inputs``.
            choices: choices by control, where they are not the same for every visitor.
        """
        pairs = zip(with_choices(self.controls, choices).items(), sent, strict=True)
        return self.values(**{name: control.check(value) for (name, control), value in pairs})

    def shown(self, values: V) -> list[Any]:
        """Return what ``inputs`` show for ``values``."""
        return [control.shown(getattr(values, name)) for name, control in self.controls.items()]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the address, one for each control that is linked."""
        return tuple(
            Field(".".join(filter(None, (self.key, control.key or name))), self.components[name], control.from_address)
            for name, control in self.controls.items()
            if control.linked
        )
