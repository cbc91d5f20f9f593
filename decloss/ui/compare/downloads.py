"""Links to what a comparison made: one ZIP with everything, and the single pictures in a fold."""

import html
from collections.abc import Sequence
from pathlib import Path

from decloss.ui.compare.comparison import Comparison
from decloss.ui.compare.kept import address


def download_links(found: Comparison, paths: Sequence[str]) -> str:
    """Return the links as HTML; the first of ``paths`` is the ZIP."""
    bundle, *single = paths
    size = max(0.1, Path(bundle).stat().st_size / 1e6)

    def link(path: str, text: str, kind: str) -> str:
        name = html.escape(Path(path).name)
        # The ZIP of a run that was stopped and of one that went on have the same path.
        target = html.escape(address(found, path, len(paths)))
        return f'<a class="{kind}" href="{target}" download="{name}">{html.escape(text)}</a>'

    items = "".join(f"<li>{link(path, Path(path).name, 'picture')}</li>" for path in single)
    return (
        f"<p>{link(bundle, f'Download everything (ZIP, {size:.1f} MB)', 'zip')}</p>"
        "<p>Every picture as PNG, the scores, and the cards that say how each checkpoint was trained.</p>"
        f"<details><summary>Single pictures ({len(single)})</summary><ul>{items}</ul></details>"
    )
