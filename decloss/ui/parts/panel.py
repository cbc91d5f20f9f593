"""The controls of a tab on the page: laid out by section, written to the address, read into what callbacks get.

::

    panel = Panel(Controls, "f", "frequency")         # Controls as in decloss.ui.parts.controls
    panel.lay_out()                                   # every component, inside the current gr.Blocks
    gr.on(panel.changes(), lambda *sent: show(panel.read(sent)), panel.inputs)  # show gets Controls(mu=0.25)

What is known only when the page is built, such as the checkpoints to choose from, is given to the panel.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic

from decloss.ui.parts.address import Field
from decloss.ui.parts.controls import Known, V, declared, with_choices


class Panel(Generic[V]):
    """The controls of a tab as components of the page, and the way back from what the page sends.

    Args:
        values: the dataclass that declares them.
        key: of the tab in the address, before each control's own: "f" for "f.mu"; "" for "mu".
        elem_id: of the tab, before each control's own: "frequency" for "frequency-mu"; "" for "mu".
        choices: of controls that know theirs only when the page is built.
        defaults: control -> its first value, where that differs from the API's default.
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
        """Make the components of a section, or of all of them, inside the current ``gr.Blocks``."""
        for name, control in self.controls.items():
            if section in (None, control.section):
                elem_id = "-".join(filter(None, (self.elem_id, control.element or control.key or name)))
                value = control.shown(self.defaults[name])
                self.components[name] = control.component(value, elem_id=elem_id, **options)

    def __getitem__(self, name: str) -> Any:
        """The component of a control."""
        return self.components[name]

    @property
    def inputs(self) -> list[Any]:
        """All components, in the order that ``read`` expects."""
        return [self.components[name] for name in self.controls]

    def changes(self, names: Iterable[str] = (), *, without: Iterable[str] = (), by_hand: bool = False) -> list[Any]:
        """The events of a changed value, of some controls or of all; ``by_hand`` those that a visitor caused."""
        chosen = [self.components[name] for name in names or self.controls if name not in without]
        return [component.input if by_hand else component.change for component in chosen]

    def read(self, sent: Sequence[Any], **choices: Sequence[str]) -> V:
        """What callbacks get, from the values of ``inputs``; a ``gr.Error`` names the first that is wrong.

        Args:
            sent: the values.
            choices: control -> its choices, where they are not the same for every visitor.
        """
        pairs = zip(with_choices(self.controls, choices).items(), sent, strict=True)
        return self.values(**{name: control.check(value) for (name, control), value in pairs})

    def shown(self, values: V) -> list[Any]:
        """The values of ``inputs`` that mean ``values``."""
        return [control.shown(getattr(values, name)) for name, control in self.controls.items()]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Those that stand in the address."""
        return tuple(
            Field(".".join(filter(None, (self.key, control.key or name))), self.components[name], control.from_address)
            for name, control in self.controls.items()
            if control.linked
        )
