"""The Blind test tab: which of two pictures looks better? Here its layout is wired to its callbacks."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.ui.blind_test.callbacks import BlindTest
from decloss.ui.blind_test.classroom import Classroom, check_classroom
from decloss.ui.blind_test.controls import EXAMPLES, Controls
from decloss.ui.blind_test.rounds import Rounds
from decloss.ui.blind_test.stage import wait_on_stage
from decloss.ui.blind_test.summary import own_summary, tally_summary
from decloss.ui.parts.examples import Examples
from decloss.ui.parts.hosting import lasts
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import LOOKS, Networks, Shared, Tab
from decloss.ui.parts.visitor import OWNER, Finished
from decloss.ui.photo.input import Upload
from decloss.ui.photo.panel import KEEP_SECONDS
from decloss.votes.store import StoreError

HERE = Path(__file__).parent
INTRODUCTION = (
    "Two networks upscaled the same place, unnamed, left and right by chance. Choose with the mouse, or with the keys "
    "← → and ↓ for no difference; then you see who they were."
)
DOES_NOT_LAST = " Votes are lost when this Space restarts or goes to sleep."
KEPT = (
    "A vote is kept as time, a random number for your browser, photo, place, the two networks, your choice, how "
    "long it took, whether the original was shown, and a class's code if there is one: no name, no address."
)
PROMPT = "Press Next pair: two networks upscale a piece of your photo."


def build_blind_test(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    examples = Examples(shared.examples)
    test = BlindTest(networks, examples, shared.tallies.store, shared.tallies)
    rounds = gr.State(Rounds(), time_to_live=KEEP_SECONDS)
    panel = Panel(Controls, "b", "blind")
    gr.Markdown(INTRODUCTION, elem_classes="caption")
    stage = gr.HTML(
        {},
        html_template=(HERE / "stage.html").read_text(encoding="utf-8"),
        js_on_load=(HERE / "stage.js").read_text(encoding="utf-8"),
        elem_id="blind-stage",
    )
    with gr.Row(equal_height=False):
        own = gr.HTML(elem_id="blind-own", min_width=300)
        with gr.Column(scale=2, min_width=320):
            tally = gr.HTML(elem_id="blind-tally")
    with gr.Accordion("Which pictures, and how", open=False):
        panel.lay_out()
    lesson = Classroom()
    gr.Markdown(KEPT + ("" if lasts(shared.tallies.store.path.parent) else DOES_NOT_LAST), elem_classes="caption")

    def known(finished: Finished) -> Networks:
        return networks.with_mine(shared.mine.checkpoints(finished))

    def summarise(owner: Any, code: str) -> tuple[str, str]:
        visitor = visitor_of(owner)
        votes = test.votes_of(visitor) if visitor else []
        return own_summary(votes, examples.scores(), networks.names), show_tally(code)

    def show_tally(sent: Any) -> str:
        code = check_classroom(sent)
        try:
            return tally_summary(test.tallies.of(code), code)
        except StoreError as error:
            return f"<p>{error}</p>"

    def refresh(_scene: Any, held: Rounds | None, upload: Upload | None, finished: Finished, owner: Any, code: str,
                *sent: Any) -> tuple[Any, ...]:  # fmt: skip
        held, controls = held or Rounds(), panel.read(sent)
        if held.shown is not None:
            return gr.skip(), gr.skip(), *summarise(owner, code)
        if controls.source != EXAMPLES:
            return wait_on_stage(PROMPT), held, *summarise(owner, code)
        after, shown = test.next_pair(held, controls, upload, known(finished))
        return shown, after, *summarise(owner, code)

    def restart(held: Rounds | None, *rest: Any) -> tuple[Any, ...]:
        return refresh(None, replace(held or Rounds(), shown=None), *rest)

    def choose(event: gr.SelectData, request: gr.Request, held: Rounds | None, upload: Upload | None,
               finished: Finished, owner: Any, code: str, *sent: Any) -> tuple[Any, Any]:  # fmt: skip
        held, controls, answer = held or Rounds(), panel.read(sent), read_answer(event)
        try:
            if answer["choice"] == "next":
                after, shown = test.next_pair(held, controls, upload, known(finished))
            else:
                address = getattr(request.client, "host", "unknown")
                after, shown = test.take(held, visitor_of(owner), address, answer, check_classroom(code))
        except gr.Error as error:  # the stage says it, and offers the next pair: without that it would wait for ever
            return wait_on_stage(str(error.message)), replace(held, shown=None)
        return shown, after

    mine = [shared.photo, shared.mine.finished, shared.mine.owner, lesson.code, *panel.inputs]
    sides = [shared.mine.owner, lesson.code]
    stage.select(choose, [rounds, *mine], [stage, rounds], **{**LOOKS, "trigger_mode": "once"}).then(
        summarise, sides, [own, tally], **LOOKS
    )
    gr.on(panel.changes(), restart, [rounds, *mine], [stage, rounds, own, tally], **LOOKS)
    lesson.wire(show_tally, tally)
    return Tab((*panel.fields, *lesson.fields), refresh, (rounds, *mine), (stage, rounds, own, tally))


def visitor_of(owner: Any) -> str:
    """Return the number under which a browser votes, from which its secret cannot be found; "" without a secret."""
    if not (isinstance(owner, str) and OWNER.fullmatch(owner)):
        return ""
    return hashlib.sha256(f"votes of {owner}".encode()).hexdigest()[:32]


def read_answer(event: gr.SelectData) -> Mapping[str, Any]:
    """Return what the stage sent: the question's token, the choice or "next", and the time; any of it may lie."""
    index = event.index
    if not (isinstance(index, list | tuple) and len(index) == 2):
        raise gr.Error("An answer needs the question that it answers.")
    return {"token": index[0], "ms": index[1], "choice": event.value}
