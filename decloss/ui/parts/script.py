"""Scripts of the page's components, read from files, with the shared ones that they use put before their own text."""

from pathlib import Path

DRAG = Path(__file__).parent / "drag.js"
"""The script that has ``followSlider``: sliders that draw in the browser while they move."""


def read_script(*paths: Path) -> str:
    """Return the texts of the files one after the other, as one ``js_on_load`` of a ``gr.HTML``."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
