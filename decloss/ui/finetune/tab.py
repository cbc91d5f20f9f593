"""The Finetune tab: a form, the visitor's finetunes, and the one that is looked at. Here they are wired together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from decloss.host.where import on_zerogpu
from decloss.jobs.record import JobError
from decloss.ui.finetune import callbacks, saved, words
from decloss.ui.finetune.badge import wire_badge
from decloss.ui.finetune.changes import Changes, changes_since, entries
from decloss.ui.finetune.elsewhere import wire_elsewhere
from decloss.ui.finetune.form import Controls, Form
from decloss.ui.finetune.keys import wire_keys
from decloss.ui.finetune.layout import BesideForm, View
from decloss.ui.finetune.presets import TO_PRESET, TO_WEIGHTS
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.parameters import with_parameters
from decloss.ui.parts.tab import FINETUNES, LIVE, OPENING, PAIR, PRIVATE, Link, Networks, Shared, Tab
from decloss.ui.parts.visitor import Finished, Mine
from decloss.ui.photo.input import Uploads

TO_LINK = '(id) => id ? `${location.origin}${location.pathname}?tab=finetune&job=${id}` : ""'
TO_VIEW = "() => setTimeout(() => document.getElementById('ft-view')?.scrollIntoView({behavior: 'smooth'}), 400)"


def build_finetune(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    mine = shared.mine
    elsewhere = words.ON_WORKERS if mine.finetunes.line.shared else ""
    gr.Markdown(words.ON_ZEROGPU if on_zerogpu() else elsewhere or words.INTRODUCTION)
    if mine.missing:
        gr.Markdown(mine.missing, elem_id="ft-missing")
        return Tab()
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            form = Form(callbacks.starts(networks, None))
        with gr.Column(scale=3, min_width=320):
            beside = BesideForm()
    view = View()
    _wire_form(networks, mine, form, beside)
    _wire_settings(networks, mine, form, beside)
    _wire_view(mine, view, beside)
    wire_badge(mine)

    def compared(finished: Finished, job_id: Any) -> tuple[Any, str, str]:
        with said_to_visitor(JobError):
            job = mine.find(job_id)
            start, name = job.settings.start, job.name
            return callbacks.compare_with_start(networks, finished, name, start), start, name

    return Tab(
        fields=(mine.field,),
        refresh=lambda scene, owner, job_id: (entries(mine, owner, job_id), callbacks.place_in_line(mine)),
        inputs=(mine.owner, mine.job),
        outputs=(beside.listing, beside.line),
        links=(Link(view.compare, "compare", PAIR, compared, (mine.finished, mine.job), runs=True),),
    )


def _wire_form(networks: Networks, mine: Mine, form: Form, beside: BesideForm) -> None:
    filled_in = form.panel.inputs

    def read(finished: Finished, files: Uploads | None, sent: Sequence[Any]) -> callbacks.Plan:
        named = dict(zip(form.panel.controls, sent, strict=True))
        return callbacks.read_form(networks, mine, finished, files, named)

    @with_parameters(Controls)
    def finetune(
        finished: Finished,
        sent: Mapping[str, Any],
        photos: Uploads | None = None,
        owner: str | None = None,
        request: gr.Request | None = None,
    ) -> tuple[str, str]:
        """Queue a finetune; gives its id, which is all that its page ?tab=finetune&job=ID asks for.

        Args:
            {controls}
            photos: up to 20 of one's own.
            owner: your owner's key, 43 letters, digits, - and _ (the page shows it): with it you can stop and delete.

        Returns:
            The finetune's id, and a sentence.
        """
        return callbacks.start(mine, callbacks.read_form(networks, mine, finished, photos, sent), owner, request)

    started = beside.start.click(
        finetune,
        [mine.finished, *filled_in, form.files, mine.owner],
        [mine.job, beside.cost],
        api_name="finetune",
        concurrency_id="finetunes",
        show_progress="minimal",
        show_progress_on=beside.cost,
    )
    started.success(None, None, None, js=TO_VIEW, **PRIVATE)
    if on_zerogpu():
        _run_here(mine, started, beside.cost)
    beside.estimate.click(
        lambda finished, files, *sent: (yield from callbacks.estimate_cost(mine, read(finished, files, sent))),
        [mine.finished, form.files, *filled_in],
        beside.cost,
        concurrency_id="estimates",
        show_progress_on=beside.cost,
        **PRIVATE,
    )
    beside.command_button.click(
        lambda finished, files, *sent: callbacks.command(read(finished, files, sent)),
        [mine.finished, form.files, *filled_in],
        beside.command,
        **LIVE,
    )
    form.files.change(
        callbacks.check_files, [form.files, form.panel["crop"]], form.note, show_progress_on=form.note, **FINETUNES
    )
    mine.news.change(
        lambda finished, chosen: _starts(callbacks.starts(networks, finished), chosen),
        [mine.finished, form.panel["start"]],
        form.panel["start"],
        **OPENING,
    )


def _wire_settings(networks: Networks, mine: Mine, form: Form, beside: BesideForm) -> None:
    """Let the presets set the weights, and settings be saved, loaded and kept; all but loading is the browser's."""
    weights = [form.panel[name] for name in ("l1_weight", "perceptual_weight", "dec_weight")]
    form.preset.select(None, form.preset, weights, js=TO_WEIGHTS, **LIVE)
    gr.on([weight.change for weight in weights], None, weights, form.preset, js=TO_PRESET, **LIVE)
    beside.save.click(None, form.panel.inputs, None, js=saved.save_script(form), **LIVE)
    beside.load.click(None, None, None, js=saved.CHOOSE_FILE, **LIVE)
    gr.on(form.panel.changes(), None, form.panel.inputs, None, js=saved.keep_script(form), **LIVE)

    def load(sent: Any, owner: Any, job_id: Any) -> list[Any]:
        finished, _ = mine.look_up(owner, job_id)
        return saved.show_saved(form, sent, callbacks.starts(networks, finished))

    beside.keeper.input(load, [beside.keeper, mine.owner, mine.job], [*form.panel.inputs, beside.loaded], **LIVE)


def _starts(names: list[str], chosen: Any) -> Any:
    """Return the checkpoints to start from when others have finished or gone; a choice that still exists is left."""
    return gr.Dropdown(names) if chosen in names else gr.Dropdown(names, value=next(iter(names), None))


def _wire_view(mine: Mine, view: View, beside: BesideForm) -> None:
    listing = beside.listing
    outputs = [*view.changing, listing, mine.finished, mine.news, mine.badge, mine.timer]
    asked = [mine.owner, mine.job, view.shown]

    def update(owner: Any, job_id: Any, shown: Any, request: gr.Request) -> Changes:
        return changes_since(mine, view, listing, owner, job_id, shown, request)

    def update_after(event: Any) -> Any:
        return event.then(update, asked, outputs, **LIVE)

    gr.on([mine.job.change, view.timer.tick], update, asked, outputs, **LIVE, concurrency_id="reading")
    mine.job.change(None, mine.job, view.link, js=TO_LINK, **LIVE)
    listing.input(lambda job_id: job_id, listing, mine.job, **LIVE)
    buttons: dict[str, tuple[gr.Button, list[Any]]] = {
        "stop": (view.stop, []),
        "go on": (view.go_on, []),
        "extend": (view.extend, [view.more]),
        "finish": (view.finish, []),
    }
    for what, (button, further) in buttons.items():
        acted = button.click(
            _acting(mine, what), [mine.owner, mine.job, *further], None, show_progress="hidden", **FINETUNES
        )
        update_after(acted)
        if on_zerogpu() and what != "stop":
            _run_here(mine, acted, view.slices)
    for button, shown in ((view.delete, True), (view.keep, False)):
        button.click(lambda shown=shown: gr.Column(visible=shown), None, view.confirm, **LIVE)
    deleted = view.really.click(
        _acting(mine, "delete"), [mine.owner, mine.job], None, show_progress_on=view.head, **FINETUNES
    )
    deleted.success(lambda: "", None, mine.job, **LIVE)
    wire_elsewhere(mine, view.elsewhere, update_after)
    taken = wire_keys(mine, beside.keys).success(
        mine.look_up, [mine.owner, mine.job], [mine.finished, mine.news], **LIVE
    )
    update_after(taken.then(lambda owner, job_id: entries(mine, owner, job_id), asked[:2], listing, **LIVE))


def _run_here(mine: Mine, event: Any, told: gr.Markdown) -> None:
    """Train on ZeroGPU after ``event`` while the page is open, in the slices that the visitor's quota allows."""

    def run(request: gr.Request, owner: Any, job_id: Any) -> Any:
        yield from callbacks.run_slices(mine, owner, job_id, request)

    event.success(run, [mine.owner, mine.job], told, concurrency_id="slices", **PRIVATE)


def _acting(mine: Mine, what: str) -> Callable[..., None]:
    def act(request: gr.Request, owner: Any, job_id: Any, more: Any = None) -> None:
        callbacks.act(mine, what, owner, job_id, more, request)

    return act
