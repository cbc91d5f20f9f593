"""The page's state in its address: a copied link reopens the same view, also after the server was started anew."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from decloss.files.examples import example_photos
from decloss.files.images import RGBArray, decode_photo

OWN = "own"
"""The text that stands in the address instead of an example's name, for a visitor's own photo or none."""
SEPARATOR = "~"
MAX_LENGTH = 2000
"""The number of characters of an address that are read."""

# This script writes the address: it leaves out values equal to the defaults, and keeps what others wrote (the theme).
WRITE = """(...values) => {
  if (!window.declossRestored) return;
  const address = new URLSearchParams(window.location.search);
  %s.forEach(([key, byDefault], index) => {
    const value = values[index];
    const text = Array.isArray(value) ? value.join("%s") : String(value ?? "");
    if (text === byDefault) address.delete(key); else address.set(key, text);
  });
  const query = address.toString();
  window.history.replaceState(null, "", query ? "?" + query : window.location.pathname);
}"""


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
    """Write every change into the address, and read the address when the page opens.

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
    names = json.dumps([[field.key, _as_text(field.component.value)] for field in written])
    components = [field.component for field in written]
    gr.on(
        [component.change for component in components],
        None,
        components,
        None,
        js=WRITE % (names, SEPARATOR),
        api_visibility="private",
        show_progress="hidden",
    )

    def restore(address: str | None) -> list[Any]:
        asked = parse_qs((address or "").removeprefix("?")[:MAX_LENGTH], keep_blank_values=True)
        found = [_read(field, asked) for field in written]
        selected = None if found[0] is None else gr.Tabs(selected=found[0])
        return [gr.skip() if value is None else value for value in (selected, *found)]

    address = gr.Textbox(visible=False)
    restored = page.load(
        restore,
        address,
        [tabs, tab.component, photo, *(field.component for field in fields)],
        js="() => window.location.search",
        api_visibility="private",
        show_progress="hidden",
        show_progress_on=address,  # not on the tabs, through which Gradio would walk at every later event
    )
    restored.then(None, None, None, js="() => { window.declossRestored = true; }")
    return restored


def _read(field: Field, asked: dict[str, list[str]]) -> Any:
    """Return the value that the address gives ``field``; None if it gives none, or nonsense."""
    try:
        return field.read(asked[field.key][0])
    except (KeyError, ValueError):
        return None


def _as_text(value: Any) -> str:
    """Return ``value`` as text, as the page's JavaScript writes it."""
    if isinstance(value, list):
        return SEPARATOR.join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:g}" if isinstance(value, int | float) else str(value)
