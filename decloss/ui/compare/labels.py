"""What visitors read for each picture of a comparison, as HTML."""

import html

from decloss.ui.compare.comparison import HR_NAME, LR_NAME
from decloss.ui.parts.names import plain_name

PLAIN = {LR_NAME: "The input", HR_NAME: "The original"}


def plain_label(name: str) -> str:
    """Return what visitors read for the picture called ``name``."""
    return PLAIN.get(name) or plain_name(name)


def label(name: str, more: str = "") -> str:
    """Return the plain name with ``more``, and the checkpoint's own name small after it where it differs, as HTML."""
    plain = plain_label(name)
    own = f" <small>{html.escape(name)}</small>" if plain != name else ""
    return f"<b>{html.escape(' '.join(filter(None, (plain, more))))}</b>{own}"


def figure(address: str, alt: str, caption: str, style: str = "") -> str:
    """Return a picture with its caption below it; ``caption`` is HTML."""
    styled = f' style="{html.escape(style)}"' if style else ""
    return (
        f'<figure><img src="{html.escape(address)}" alt="{html.escape(alt)}" loading="lazy"{styled}>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
