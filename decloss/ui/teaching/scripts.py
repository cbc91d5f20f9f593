"""The scripts behind the head's "Copy link" and "Tour", and behind links with ``?view=``; see ``docs/teaching.md``.

They hear clicks on the whole page, so that the buttons ``#copy-link`` and ``#tour-start`` may stand anywhere.
"""

from pathlib import Path

import gradio as gr

SCRIPTS = ("copy_link.js", "view.js", "tour.js")
MARKUP = """<div><span id="copy-link-said" role="status"></span>
<input id="copy-link-text" readonly hidden aria-label="The link to this view"></div>"""
READY = '() => { window.declossReady = true; dispatchEvent(new Event("decloss-ready")); }'
"""JavaScript for the event after which the crop is up to date and the open tab is filled."""


def build_teaching() -> gr.HTML:
    """Put the scripts into the current ``gr.Blocks``, with what the copy button says and the field that it may need."""
    folder = Path(__file__).parent
    blocks = (f"{{\n{(folder / name).read_text(encoding='utf-8')}\n}}" for name in SCRIPTS)  # each with its own names
    return gr.HTML(html_template=MARKUP, js_on_load="\n".join(blocks), elem_id="teaching", apply_default_css=False)
