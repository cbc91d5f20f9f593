"""The Finetune tab: a form, the visitor's finetunes, and the one that is looked at. Here they are wired together."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from decloss.host.where import on_zerogpu
from decloss.jobs.record import JobError
from decloss.ui.finetune import callbacks, words
from decloss.ui.finetune.changes import Changes, entries, look
from decloss.ui.finetune.elsewhere import wire_elsewhere
from decloss.ui.finetune.form import AS_SHARE, BUILT_IN, DEFAULT_ETA, DEFAULT_MU, LOSSES, SCHEDULE, Form, lay_out_form
from decloss.ui.finetune.layout import Asking, View, lay_out_asking, lay_out_view
from decloss.ui.parts.tab import FINETUNES, LIVE, PRIVATE, Link, Networks, Shared, Tab
from decloss.ui.parts.visitor import Mine
from decloss.ui.photo.input import Uploads

TO_LINK = '(id) => id ? `${location.origin}${location.pathname}?tab=finetune&job=${id}` : ""'
TO_VIEW = "() => setTimeout(() => document.getElementById('ft-view')?.scrollIntoView({behavior: 'smooth'}), 400)"


def build_finetune(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    mine = shared.mine
    gr.Markdown(words.ON_ZEROGPU if on_zerogpu() else words.INTRODUCTION)
    gr.Markdown(words.EQUATIONS, elem_classes="equations")
    if mine.missing:
        gr.Markdown(mine.missing, elem_id="ft-missing")
        return Tab()
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            form = lay_out_form(callbacks.starts(networks, None))
        with gr.Column(scale=3, min_width=320):
            asking = lay_out_asking()
    view = lay_out_view()
    _wire_form(networks, mine, form, asking)
    _wire_view(mine, view, asking.listing)

    def compared(finished: callbacks.Finished, job_id: Any) -> Any:
        try:
            job = mine.finetunes.find(job_id)
            return callbacks.compare_with_start(networks, finished, job.name, job.settings.start)
        except JobError as error:
            raise gr.Error(str(error)) from error

    return Tab(
        fields=(mine.field,),
        refresh=lambda scene, owner, job_id: entries(mine, owner, job_id),
        inputs=(mine.owner, mine.job),
        outputs=(asking.listing,),
        links=(Link(view.compare, "compare", "models", compared, (mine.finished, mine.job)),),
    )


def _wire_form(networks: Networks, mine: Mine, form: Form, asking: Asking) -> None:
    values = list(form.controls.values())

    def finetune(
        finished: callbacks.Finished,
        start: str,
        train_on: str = BUILT_IN,
        steps: float = SCHEDULE.steps,
        l1_weight: float = LOSSES.l1_weight,
        perceptual_weight: float = LOSSES.perceptual_weight,
        dec_weight: float = LOSSES.dec_weight,
        patch_size: str = str(LOSSES.patch_size),
        eta_by: str = AS_SHARE,
        positive_share: float = 100 * LOSSES.positive_share,
        eta: float = DEFAULT_ETA,
        alpha: float = LOSSES.alpha,
        mu_share: float = DEFAULT_MU,
        temperature: str = LOSSES.temperature,
        t_pos: float = LOSSES.t_pos,
        t_neg: float = LOSSES.t_neg,
        learning_rate: float = SCHEDULE.learning_rate,
        batch: float = SCHEDULE.batch_size,
        crop: float = SCHEDULE.crop,
        seed: float = SCHEDULE.seed,
        photos: Uploads | None = None,
        owner: str | None = None,
        request: gr.Request | None = None,
    ) -> tuple[str, str]:
        """Queue a finetune; gives its id, which is all that its page ?tab=finetune&job=ID asks for.

        Args:
            start: the checkpoint to start from.
            train_on: "the built-in photos" or "my photos".
            steps: in all, 1 to 2000.
            l1_weight: of the pixels, Eq. 24.
            perceptual_weight: of VGG-16's features, Eq. 25.
            dec_weight: of DECLoss, Eq. 23.
            patch_size: P, pixels a side of a mini-patch: 2, 4, 8, 16 or 32.
            eta_by: whether the threshold is set as a "share" of positive pairs or in "dB".
            positive_share: of all pairs, per cent, 0.1 to 50.
            eta: the threshold of M in dB, -20 to 80.
            alpha: height of the mask's Gaussians, 0.25 to 4.
            mu_share: their width as a share of the HR crop's side, 0.1 to 1.
            temperature: where temperatures divide, "outside" (as printed) or "inside" the exponents.
            t_pos: temperature of the positives, 0.05 to 8.
            t_neg: temperature of the negatives, 0.05 to 8.
            learning_rate: of Adam, 1e-6 to 1e-3.
            batch: crops a step, 1 to 16.
            crop: side of the LR crop in pixels, 16 to 48.
            seed: draws the crops.
            photos: up to 20 of one's own.
            owner: the browser's secret; leave it out.

        Returns:
            The finetune's id, and a sentence.
        """
        given = (
            start, train_on, steps, l1_weight, perceptual_weight, dec_weight, patch_size, eta_by, positive_share, eta,
            alpha, mu_share, temperature, t_pos, t_neg, learning_rate, batch, crop, seed,
        )  # fmt: skip
        return callbacks.start(networks, mine, finished, photos, given, owner, request)

    started = asking.start.click(
        finetune,
        [mine.finished, *values, form.files, mine.owner],
        [mine.job, asking.cost],
        api_name="finetune",
        concurrency_id="finetunes",
        show_progress="minimal",
        show_progress_on=asking.cost,
    )
    started.success(None, None, None, js=TO_VIEW, **PRIVATE)
    if on_zerogpu():
        _run_here(mine, started, asking.cost)
    asking.estimate.click(
        lambda finished, files, *given: (yield from callbacks.estimate_cost(networks, mine, finished, files, given)),
        [mine.finished, form.files, *values],
        asking.cost,
        concurrency_id="estimates",
        show_progress_on=asking.cost,
        **PRIVATE,
    )
    asking.command_button.click(
        lambda finished, files, *given: callbacks.command(networks, mine, finished, files, given),
        [mine.finished, form.files, *values],
        asking.command,
        **LIVE,
    )
    chosen = [form.files, form.controls["crop"]]
    form.files.change(callbacks.check_files, chosen, form.note, show_progress_on=form.note, **FINETUNES)
    mine.news.change(
        lambda finished, chosen: _starts(callbacks.starts(networks, finished), chosen),
        [mine.finished, form.start],
        form.start,
        **LIVE,
    )


def _starts(names: list[str], chosen: Any) -> Any:
    """The checkpoints to start from, now that others are finished or gone; a choice that is still there is left."""
    return gr.Dropdown(names) if chosen in names else gr.Dropdown(names, value=next(iter(names), None))


def _wire_view(mine: Mine, view: View, listing: gr.Radio) -> None:
    outputs = [*view.changing, listing, mine.finished, mine.news]
    asked = [mine.owner, mine.job, view.seen]

    def look_now(owner: Any, job_id: Any, seen: Any) -> Changes:
        return look(mine, view, listing, owner, job_id, seen)

    def look_after(event: Any) -> Any:
        return event.then(look_now, asked, outputs, **LIVE)

    gr.on([mine.job.change, view.timer.tick], look_now, asked, outputs, **LIVE, concurrency_id="reading")
    mine.job.change(None, mine.job, view.link, js=TO_LINK, **LIVE)
    listing.input(lambda job_id: job_id, listing, mine.job, **LIVE)
    buttons: dict[str, tuple[gr.Button, list[Any]]] = {
        "stop": (view.stop, []),
        "go on": (view.go_on, []),
        "extend": (view.extend, [view.more]),
        "finish": (view.finish, []),
    }
    for what, (button, further) in buttons.items():
        acted = button.click(_acting(mine, what), [mine.job, *further], None, show_progress="hidden", **FINETUNES)
        look_after(acted)
        if on_zerogpu() and what != "stop":
            _run_here(mine, acted, view.slices)
    for button, shown in ((view.delete, True), (view.keep, False)):
        button.click(lambda shown=shown: gr.Column(visible=shown), None, view.confirm, **LIVE)
    deleted = view.really.click(_acting(mine, "delete"), mine.job, None, show_progress_on=view.head, **FINETUNES)
    deleted.success(lambda: "", None, mine.job, **LIVE)
    wire_elsewhere(mine, view.elsewhere, look_after)


def _run_here(mine: Mine, event: Any, told: gr.Markdown) -> None:
    """On ZeroGPU: train while the page is open, in the slices that the visitor's quota allows."""

    def run(job_id: Any) -> Any:
        yield from callbacks.run_slices(mine, job_id)

    event.success(run, mine.job, told, concurrency_id="slices", **PRIVATE)


def _acting(mine: Mine, what: str) -> Callable[..., None]:
    return lambda *values: callbacks.act(mine, what, *values)
