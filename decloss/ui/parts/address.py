"""The page's state in its address: a copied link reopens the same view, also after the server was started anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from decloss.files.examples import example_photos
from decloss.files.images import RGBArray, decode_photo
from decloss.ui.parts.script import read_script

OWN = "own"
"""The text that stands in the address instead of an example's name, for a visitor's own photo or none."""
SEPARATOR = "~"
A_MOMENT_LATER = "(answer) => new Promise((done) => setTimeout(() => done(answer), 50))"
"""A script that passes on what it gets once the page has dealt with all else that came with it."""
MAX_LENGTH = 2000
"""The number of characters of an address that are read."""


@dataclass(frozen=True)
class Field:
    """One control whose value stands in the address."""

    key: str
    """The name in the address, short and in lower case, such as "f.mu" for a control of the tab "f"."""
    component: Any
    """The Gradio component, whose first value is the default."""
    read: Callable[[str], Any]
    """A function from the address's text to the component's value; its ``ValueError`` for nonsense is ignored."""


def choice(choices: Sequence[str]) -> Callable[[str], str]:
    """Return a function that reads one of ``choices``, and raises a ``ValueError`` for any other text."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not one of the choices")
        return text

    return read


def example_named(text: str) -> RGBArray:
    """Return the pixels of the example photo called ``text``; raise a ``ValueError`` if there is none."""
    for path, _ in example_photos():
        if Path(path).name == text:
            return decode_photo(Path(path)).pixels
    raise ValueError(f"there is no example {text!r}")


def photo_named(text: str) -> Any:
    """Return the example that ``text`` names; for ``OWN``, no photo, since links leave visitors' own ones out."""
    return gr.update(value=None) if text in (OWN, "") else example_named(text)


def wire_address(
    page: gr.Blocks, fields: Sequence[Field], tabs: gr.Tabs, tab: Field, photo: gr.Image, example: Field
) -> Any:
    """Write every change into the address, and read it when the page opens and when the visitor goes back or forward.

    Args:
        page: the page.
        fields: the controls of all tabs.
        tabs: the tabs, of which the address selects one.
        tab: the field of the tab that is selected.
        photo: the component that gets what ``example`` reads.
        example: the field of the name of the example that is shown, or ``OWN``.

    Returns:
        The event after which the controls are as the address says.
    """
    written = [tab, example, *fields]
    components = [field.component for field in written]
    history = gr.HTML(
        {
            "written": [[field.key, _as_text(field.component.value)] for field in written],
            "separator": SEPARATOR,
            "places": [tab.key, example.key],
            "own": OWN,
        },
        html_template="",
        js_on_load=read_script(Path(__file__).parent / "history.js"),
        visible="hidden",
    )
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "always_last"}
    state = [photo, *components]
    changes = [component.change for component in state]
    gr.on(changes, None, state, None, js="(...values) => { window.declossWrite?.(...values); }", **quiet)

    def restore(before: Any, after: Any, number: Any, shown: Any) -> list[Any]:
        old, new = None if before is None else read_query(before), read_query(after)
        found = [_moved(field, old, new) for field in (tab, *fields)]
        selected = gr.skip() if found[0] is KEPT else gr.Tabs(selected=found[0])
        values = (selected, *found, *_photo(example, new, shown))
        return [*(gr.skip() if value is KEPT else value for value in values), f"{number} {after}"]

    before, after, number = (gr.Textbox(visible=False) for _ in range(3))
    # It changes with every answer, and a moment later the controls have their values. What is chained to an event can
    # run when the next one has begun, as when somebody goes back twice.
    answered, done = gr.Textbox(visible=False), gr.Textbox(visible=False)
    reading: dict[str, Any] = {
        "fn": restore,
        "inputs": [before, after, number, example.component],
        "outputs": [tabs, tab.component, *(field.component for field in fields), photo, example.component, answered],
        "js": "(before, after, number, shown) => [...window.declossAsk(shown), shown]",
        "show_progress_on": after,  # not on the tabs, through which Gradio would walk at every later event
        **quiet,
    }
    moved, opened = history.input(**reading), page.load(**reading, concurrency_id="reading")
    for event in (moved, opened):
        event.failure(None, None, None, js="() => { window.declossAgain(); }", **quiet)
    answered.change(None, answered, done, js=A_MOMENT_LATER, **quiet)
    done.change(None, [done, *state], None, js="(...values) => { window.declossDone(...values); }", **quiet)
    history.edit(None, None, photo, js="() => window.declossMine()", **quiet)
    return opened


def read_query(text: Any) -> dict[str, str]:
    """Return the fields of an address's query, which may be any text; of a field given twice the first counts."""
    query = text.removeprefix("?")[:MAX_LENGTH] if isinstance(text, str) else ""
    try:
        return {key: values[0] for key, values in parse_qs(query, keep_blank_values=True, max_num_fields=200).items()}
    except ValueError:  # far more fields than there are
        return {}


KEPT = object()
"""The mark of a control whose value stays."""


def _moved(field: Field, old: dict[str, str] | None, new: dict[str, str]) -> Any:
    """Return the value that ``field`` gets when the address changes from ``old`` to ``new``; ``KEPT`` if it stays.

    Without ``old``, nobody knows which value it has, so that it gets one.
    """
    text = new.get(field.key)
    if old is not None and text == old.get(field.key):
        return KEPT
    try:
        return field.component.value if text is None else field.read(text)
    except ValueError:
        return field.component.value


def _photo(example: Field, new: dict[str, str], shown: Any) -> tuple[Any, Any]:
    """Return the photo and its name for the address ``new``; ``KEPT`` if the page shows it, as a visitor's own."""
    name = new.get(example.key, example.component.value)
    try:
        return (KEPT, KEPT) if name == shown else (example.read(name), name or OWN)
    except ValueError:
        return KEPT, KEPT


def _as_text(value: Any) -> str:
    """Return ``value`` as text, as the page's JavaScript writes it."""
    if isinstance(value, list):
        return SEPARATOR.join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:g}" if isinstance(value, int | float) else str(value)
