"""A finetune on the Hugging Face Hub: its result pushed there, or the same run on hardware rented there.

Tokens come from the page with the one request that needs them, and are neither kept nor shown.
"""

import html
from collections.abc import Callable
from typing import Any

import gradio as gr

from decloss.jobs.directory import Job
from decloss.jobs.hub import rented
from decloss.jobs.hub.push import push_checkpoint
from decloss.jobs.record import JobError
from decloss.ui.parts.tab import LIVE, PRIVATE
from decloss.ui.parts.visitor import Mine

TOKEN = "From huggingface.co/settings/tokens. It is used for this request, and neither stored nor logged here."
PUSH = (
    "Uploads the weights, the card and a README.md to a repository of yours; where there is none, a private one is "
    "made. The token needs the right to write."
)
RENT = (
    "The same run on hardware that you rent at Hugging Face and that is billed to you. The finetune is uploaded to a "
    "private repository of yours, with your photos, and stops here; there it has an hour. The service gets the token "
    "as a secret of that machine, which needs it for the repository: one with the right to write and to run jobs. "
    "We have not tried it with the service itself: begin with few steps."
)


class Elsewhere:
    """The controls for the Hub, laid out as two accordions inside the current ``gr.Blocks``."""

    def __init__(self) -> None:
        with gr.Accordion("Push it to the Hugging Face Hub", open=False, visible=False, elem_id="ft-push") as self.push:
            gr.Markdown(PUSH, elem_classes="caption")
            with gr.Row():
                self.repository = gr.Textbox(label="Repository", placeholder="OWNER/NAME", elem_id="ft-repository")
                self.push_token = _token("ft-push-token")
            self.push_button = gr.Button("Push", elem_id="ft-push-button")
            self.pushed = gr.Markdown(elem_id="ft-pushed")
        with gr.Accordion(
            "Run it elsewhere: Hugging Face Jobs", open=False, visible=False, elem_id="ft-elsewhere"
        ) as self.rented:
            gr.Markdown(RENT, elem_classes="caption")
            flavors = rented.flavors()
            with gr.Row():
                self.flavor = gr.Dropdown(
                    flavors, value=next(iter(flavors), None), label="Hardware", elem_id="ft-flavor"
                )
                self.token = _token("ft-token")
            with gr.Row():
                names = ("Run it there", "How is it?", "Fetch the result", "Cancel it")
                self.buttons = {name: gr.Button(name, min_width=110) for name in names}
            self.said = gr.Markdown(elem_id="ft-said")


def wire_elsewhere(mine: Mine, parts: Elsewhere, update_after: Callable[[Any], Any]) -> None:
    """Wire the buttons; ``update_after`` makes the page show the finetune anew after an event."""
    parts.push_button.click(
        lambda *values: (push(mine, *values), ""),
        [mine.owner, mine.job, parts.repository, parts.push_token],
        [parts.pushed, parts.push_token],
        show_progress_on=parts.pushed,
        concurrency_id="elsewhere",
        **PRIVATE,
    )
    asked = [mine.owner, mine.job, parts.token, parts.flavor]
    for name, button in parts.buttons.items():
        done = button.click(
            lambda *values, name=name: rent(mine, name, *values),
            asked,
            parts.said,
            show_progress_on=parts.said,
            concurrency_id="elsewhere",
            **PRIVATE,
        )
        update_after(done)
    mine.job.change(
        lambda owner, job_id: ("", "", where_it_was_sent(mine, owner, job_id)),
        [mine.owner, mine.job],
        [parts.pushed, parts.token, parts.said],
        **LIVE,
    )


def push(mine: Mine, owner: Any, job_id: Any, repository: Any, token: Any) -> str:
    """Push a result and return a sentence, also if that failed, since the token is cleared in either case."""
    try:
        address = push_checkpoint(mine.find_own(owner, job_id), repository, token)
    except JobError as error:
        return f"**{html.escape(str(error))}**"
    return f"It is at [{html.escape(repository)}]({html.escape(address)})."


def rent(mine: Mine, what: str, owner: Any, job_id: Any, token: Any, flavor: Any) -> str:
    """Run, watch, fetch or cancel a finetune at Hugging Face Jobs, and return a sentence, also if that failed."""
    try:
        job = mine.find_own(owner, job_id)
        if what == "Run it there":
            rented.submit(job, token, flavor)
            return where_it_was_sent(mine, owner, job.id)
        if what == "How is it?":
            return _in_words(rented.watch(job, token))
        if what == "Fetch the result":
            rented.fetch(job, token)
            return "Its result is here."
        rented.cancel(job, token)
    except JobError as error:
        return f"**{html.escape(str(error))}**"
    return "It is cancelled there."


def _in_words(remote: rented.Remote) -> str:
    words = f"There it is **{html.escape(remote.stage.lower())}**. {html.escape(remote.message)}"
    return f"{words}\n\n<pre>{html.escape(remote.log)}</pre>" if remote.log else words


def where_it_was_sent(mine: Mine, owner: Any, job_id: Any) -> str:
    """Return a sentence on where a finetune was sent, for its owner alone, since the address names the account.

    It is an empty text for everybody else, and if the finetune was not sent.
    """
    try:
        job: Job = mine.find_own(owner, job_id)
    except JobError:
        return ""
    if (remote := rented.submitted(job)) is None:
        return ""
    page = f" [Its page]({html.escape(remote['url'])})." if remote["url"].startswith("https://") else ""
    return f"It was sent to Hugging Face Jobs, on {html.escape(remote['flavor'])}.{page}"


def _token(elem_id: str) -> gr.Textbox:
    return gr.Textbox(label="Token", type="password", info=TOKEN, elem_id=elem_id)
