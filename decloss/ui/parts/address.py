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
"""Stands where the name of an example does, for a visitor's own photo or none."""
LEFT_OUT = "# This link comes without a photo\nIts maker's own photo is not part of it. Choose yours, or an example."
SEPARATOR = "~"
MAX_LENGTH = 2000
"""Of an address that is read at all."""

# Values equal to the defaults are left out; what others wrote into the address (the theme) stays.
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
    """In the address: short, lower case, such as "f.mu" for a control of the tab "f"."""
    component: Any
    """A gradio component; its first value is the default."""
    read: Callable[[str], Any]
    """The text in the address to the component's value; raises ``ValueError`` for nonsense, which is then ignored."""


def choice(choices: Sequence[str]) -> Callable[[str], str]:
    """Reads one of ``choices``."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not one of the choices")
        return text

    return read


def example_named(text: str) -> RGBArray:
    """Reads the name of an example photo into its pixels."""
    for path, _ in example_photos():
        if Path(path).name == text:
            return decode_photo(Path(path)).pixels
    raise ValueError(f"there is no example {text!r}")


def photo_named(text: str) -> Any:
    """Reads what the address says of the photo into the photo's value: of ``OWN``, which it has not, it says so."""
    return gr.update(value=None, placeholder=LEFT_OUT) if text in (OWN, "") else example_named(text)


def wire_address(
    page: gr.Blocks, fields: Sequence[Field], tabs: gr.Tabs, tab: Field, photo: gr.Image, example: Field
) -> Any:
    """Write every change into the address, and read the address when the page opens.

    Args:
        page: the page.
        fields: the controls of all tabs.
        tabs: to select one.
        tab: holds which one is selected.
        photo: is given what ``example`` reads.
        example: holds the name of the example that is shown, or ``OWN``.

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
        show_progress_on=address,  # not on all tabs: at every later event Gradio would walk through them
    )
    restored.then(None, None, None, js="() => { window.declossRestored = true; }")
    return restored


def _read(field: Field, asked: dict[str, list[str]]) -> Any:
    """The value that the address gives ``field``; None if it gives none, or nonsense."""
    try:
        return field.read(asked[field.key][0])
    except (KeyError, ValueError):
        return None


def _as_text(value: Any) -> str:
    """As the page's JavaScript writes it."""
    if isinstance(value, list):
        return SEPARATOR.join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:g}" if isinstance(value, int | float) else str(value)
