"""The head of the page: its title, one sentence on what it shows, and buttons for the tour, its link and its colours.

The strip of tabs stands between title and buttons; the style sheet puts it there.
"""

from pathlib import Path

import gradio as gr

TITLE = "DECLoss · Why do upscalers blur?"
SENTENCE = (
    "One small photo, enlarged four times by networks that were trained for different goals: some blur, some bring "
    "texture back."
)
_COPY = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1.5 1.5"/>'
_COPY += '<path d="M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1.5-1.5"/></svg>'
_TOUR = '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9"/>'
_TOUR += '<path d="m15.5 8.5-2 5-5 2 2-5z"/></svg>'
_THEME = '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/>'
_THEME += '<path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/></svg>'
ACTIONS = (
    f'<button type="button" id="tour-start">{_TOUR}<span>Tour</span></button>'
    f'<button type="button" id="copy-link">{_COPY}<span>Copy link</span></button>'
    f'<button type="button" id="theme" aria-label="Dark colours" title="Light or dark" aria-pressed="false">{_THEME}'
    "</button>"
)
SCRIPT = Path(__file__).parent / "head.js"


def build_head() -> None:
    """Lay out the head inside the current ``gr.Blocks``, without the tabs."""
    gr.HTML(f"<h1>{TITLE}</h1>", elem_id="title", apply_default_css=False)
    gr.HTML(ACTIONS, elem_id="head-actions", apply_default_css=False, js_on_load=SCRIPT.read_text(encoding="utf-8"))
    gr.HTML(f"<p>{SENTENCE}</p>", elem_id="sentence", apply_default_css=False)
