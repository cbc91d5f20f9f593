"""One-line explanations of the field's words, and the element that shows one on hover, focus and tap.

A component's ``info`` takes the plain ``line("t_pos")``; a ``gr.HTML`` takes the element::

    gr.HTML(f"<p>The dot is {tip('DC', 'frequency')}.</p>")

Gradio's Markdown strips the element's attributes, so the element goes into a ``gr.HTML`` only. Its place on the page is
found by ``accessible.js`` in this folder.
"""

import re
from html import escape

LINES = {
    "mini-patch": "A small square of a picture, such as 8 × 8 pixels; DECLoss compares these instead of single pixels.",
    "DC": "The part of a picture with frequency zero, which is its mean brightness.",
    "t_pos": "The temperature of positive pairs: it divides their sum, or with “inside” the exponents in it.",
    "t_neg": "The temperature of negative pairs: it divides their sum, or with “inside” the exponents in it.",
    "η": "The threshold of likeness from which on two mini-patches count as a positive pair.",
}
"""A whole sentence or phrase for each word, short enough for one line of a wide page."""


def line(word: str) -> str:
    """Return the explanation of ``word`` as plain text; a ``KeyError`` tells that there is none."""
    return LINES[word]


def tip(word: str, where: str, shown: str = "") -> str:
    """Return ``word`` as HTML that shows its explanation on hover, focus and tap, and hides it on Escape.

    Args:
        word: a key of ``LINES``.
        where: what makes the element's id the only one on the page, such as the tab's id; a word that stands twice in
            a tab needs two of them.
        shown: the text to show instead, such as the plural; it may hold anything.
    """
    name = "tip-" + re.sub(r"\W+", "-", f"{where}-{word}")
    return (
        f'<span class="tip" tabindex="0" role="note" aria-describedby="{name}">{escape(shown or word)}'
        f'<span class="tip-line" role="tooltip" id="{name}">{escape(LINES[word])}</span></span>'
    )
