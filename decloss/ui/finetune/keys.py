"""The owner's key: shown on purpose, and taken over from another browser."""

from typing import Any

import gradio as gr

from decloss.ui.finetune import words
from decloss.ui.parts.tab import LIVE
from decloss.ui.parts.visitor import Mine, is_key, own_jobs


class Keys:
    """The boxes for the owner's key, laid out as an accordion inside the current ``gr.Blocks``."""

    def __init__(self) -> None:
        with gr.Accordion("Owner's key", open=False, elem_id="ft-keys"):
            gr.Markdown(words.KEY, elem_classes="caption")
            self.show = gr.Button("Show my owner's key", size="sm", elem_id="ft-show-key")
            self.key = gr.Textbox(
                label="My owner's key", info=words.KEY_SHOWN, interactive=False, visible=False, buttons=["copy"],
                elem_id="ft-key",
            )  # fmt: skip
            self.other = gr.Textbox(
                label="An owner's key from another browser", type="password", elem_id="ft-other-key"
            )
            self.use = gr.Button("Use this key here", size="sm", elem_id="ft-use-key")
            self.said = gr.Markdown(elem_id="ft-key-said")


def wire_keys(mine: Mine, keys: Keys) -> Any:
    """Wire the buttons, and return the event after which this browser has another owner's key."""
    keys.show.click(
        lambda owner: (gr.Textbox(owner if is_key(owner) else "", visible=True), gr.Button(visible=False)),
        mine.owner,
        [keys.key, keys.show],
        **LIVE,
    )
    hidden = (lambda: (gr.Textbox("", visible=False), gr.Button(visible=True), ""), None)
    taken = keys.use.click(
        lambda other, owner: take_key(mine, other, owner), [keys.other, mine.owner], [mine.owner, keys.said], **LIVE
    )
    taken.success(*hidden, [keys.key, keys.show, keys.other], **LIVE)
    return taken


def take_key(mine: Mine, other: Any, owner: Any) -> tuple[str, str]:
    """Return the key that this browser has from now on, and a sentence; raise a ``gr.Error`` if it is no key."""
    key = other.strip() if isinstance(other, str) else other
    if not is_key(key):
        raise gr.Error(words.NO_KEY)
    found = own_jobs(mine.finetunes, key)
    said = words.KEY_TAKEN.format(count=len(found), s="s" * (len(found) != 1))
    if key != owner and own_jobs(mine.finetunes, owner):  # else they would be lost
        said += words.KEY_BEFORE.format(key=owner)
    return key, said
