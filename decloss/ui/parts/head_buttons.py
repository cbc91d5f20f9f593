"""The head's buttons "Copy link" and "Tour", with the scripts of both and of links with ``?view=``."""

from pathlib import Path

import gradio as gr

SCRIPTS = ("copy_link.js", "view.js", "tour.js")
MARKUP = """<div class="head-buttons">
  <button type="button" id="copy-link">Copy link</button>
  <button type="button" id="tour-start">Tour</button>
  <span id="copy-link-said" role="status" aria-live="polite"></span>
  <input id="copy-link-text" readonly hidden aria-label="Link to this view">
</div>"""
READY = '() => { window.declossReady = true; dispatchEvent(new Event("decloss-ready")); }'
"""JavaScript for the event after which the crop is up to date and the open tab is filled."""


def build_head_buttons() -> gr.HTML:
    """Lay out the two buttons inside the current ``gr.Blocks``; their scripts hear clicks on the whole page."""
    folder = Path(__file__).parent
    blocks = (f"{{\n{(folder / name).read_text(encoding='utf-8')}\n}}" for name in SCRIPTS)  # each with its own names
    return gr.HTML(html_template=MARKUP, js_on_load="\n".join(blocks), elem_id="head-buttons")
