"""What there is to see of a finetune: its state in words, its curves and its scores, as HTML."""

import html
import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from decloss.dec import mu_from_fraction
from decloss.figures.curves import Points, curve_plot, significant
from decloss.host.where import on_zerogpu
from decloss.jobs.directory import Job, JobState
from decloss.jobs.forecast import time_left
from decloss.jobs.queue import Finetunes
from decloss.jobs.settings import JobSettings
from decloss.losses import LossSettings
from decloss.pixels import SCALE

PARTS_OF_LOSS = {
    "loss": "<i>L</i>, the loss",
    "l1": "<i>L</i><sub>1</sub>, pixels",
    "perceptual": "<i>L<sub>p</sub></i>, features",
    "dec": "<i>L<sub>d</sub></i>, DECLoss",
}
SCORES = {
    "psnr_y": ("PSNR-Y ↑", "{:.2f}", 1),
    "psnr_rgb": ("PSNR-RGB ↑", "{:.2f}", 1),
    "ssim": ("SSIM ↑", "{:.4f}", 1),
    "lpips": ("LPIPS ↓", "{:.4f}", -1),
    "icoo": ("ICOO ↓", "{:.2f}", -1),
}
"""Each score's title, its format, and whether higher (+1) or lower (-1) is better."""
CURVES_OF_SCORES = ("psnr_y", "lpips")


def head(finetunes: Finetunes, job: Job) -> str:
    """Return the job's name, settings, state in words and progress bar as HTML."""
    settings, state = job.settings, job.state
    lines = job.metrics()
    done = int(lines[-1]["step"]) if lines else 0
    share = 1.0 if state is JobState.FINISHED else min(1.0, done / settings.steps)
    return (
        f'<div class="ft-head {state.value}"><h2>{html.escape(job.name)}</h2>'
        f'<p class="ft-what">From {html.escape(settings.start)}: {summary(settings)}</p>'
        f'<p class="ft-state" role="status">{html.escape(sentence(finetunes, job, lines))}</p>'
        f'<div class="ft-bar" role="progressbar" aria-label="Steps done" aria-valuemin="0" '
        f'aria-valuemax="{settings.steps}" aria-valuenow="{round(share * settings.steps)}">'
        f'<i style="width: {100 * share:.1f}%"></i></div></div>'
    )


def sentence(finetunes: Finetunes, job: Job, lines: list[dict[str, Any]]) -> str:
    """Return the state of ``job`` in words; ``lines`` are those of its metrics."""
    state, step = job.state, int(lines[-1]["step"]) if lines else 0
    if state is JobState.WAITING:
        text = _waiting(finetunes, job)
    elif state is JobState.RUNNING:
        text = _doing(job, lines, step) + (f", on {place}" if (place := finetunes.where(job)) else "")
    elif state is JobState.STOPPING:
        text = "saving its checkpoint"
    elif state is JobState.STOPPED:
        saved = job.saved_step()
        text = f"at step {saved}, its checkpoint is kept" if saved else "before its first checkpoint"
    elif state is JobState.FAILED:
        text = job.failure
    else:
        result = job.result or {}
        text = f"{result.get('steps')} steps in {duration(result.get('seconds', 0.0))}"
    return f"{state.value}: {text}"


def _waiting(finetunes: Finetunes, job: Job) -> str:
    standing = finetunes.standing()
    before = standing.before(job.id)
    if not finetunes.line.shared:
        if on_zerogpu():
            return "it starts in a moment; if it does not, go on"
        return f"{before} before you" if before else "it starts in a moment"
    workers = len(finetunes.line.now().workers)
    if not workers:
        return f"{before} before you, and no worker is there now: it starts when one comes"
    seconds = standing.seconds(job.id)
    if not before or seconds == 0.0:
        return "it starts in a moment"
    known = f"about {duration(seconds)} with" if seconds is not None else "with"
    return f"{before} before you, {known} {count_workers(workers)}"


def count_workers(count: int) -> str:
    """Return a number of workers in words."""
    return f"{count} worker{'s' * (count != 1)}"


def _doing(job: Job, lines: list[dict[str, Any]], step: int) -> str:
    if job.phase == "preparing":
        return "preparing the photos, and measuring the start"
    if job.phase == "measuring":
        return "checking and measuring the result"
    left = time_left(lines, job.settings.steps)
    return f"step {step} of {job.settings.steps}" + (f", about {duration(left)} left" if left is not None else "")


def duration(seconds: float) -> str:
    """Return a number of seconds in words, as exact as is useful."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def summary(settings: JobSettings) -> str:
    """Return the settings as a line of HTML."""
    photos = "own photos" if settings.own_photos else "built-in photos"
    losses = settings.losses
    weights = {"<i>L</i><sub>1</sub>": losses.l1_weight, "<i>L<sub>p</sub></i>": losses.perceptual_weight,
               "<i>L<sub>d</sub></i>": losses.dec_weight}  # fmt: skip
    terms = " + ".join(f"{weight:g} {name}" for name, weight in weights.items() if weight)
    dec = f" ({_dec_settings(losses, SCALE * settings.crop)})" if losses.dec_weight else ""
    crops = "1 crop" if settings.batch_size == 1 else f"{settings.batch_size} crops"
    return (
        f"{settings.steps} steps of {terms}{dec}, learning rate {settings.learning_rate:g}, "
        f"{crops} of {settings.crop} × {settings.crop} a step, {photos}"
    )


def _dec_settings(losses: LossSettings, side: int) -> str:
    eta = f"{100 * losses.positive_share:g} % positive" if losses.positive_share else f"η {losses.eta:g} dB"
    return (
        f"P {losses.patch_size}, {eta}, α {losses.alpha:g}, μ {losses.mu / mu_from_fraction(1, side):.2g} of the side, "
        f"temperatures {losses.t_pos:g} and {losses.t_neg:g} {losses.temperature}"
    )


def curves(job: Job) -> str:
    """Return the curves so far of the loss's parts and of the validation scores as HTML; empty before there are any."""
    lines, steps = job.metrics(), job.settings.steps
    figures = []
    for name, title in PARTS_OF_LOSS.items():
        points = [(line["step"], line[name]) for line in lines if name in line and math.isfinite(line[name])]
        if points:
            figures.append(_figure(title, points, steps))
    validated = [(0, _before(job)), *((line["step"], line.get("validation", {})) for line in lines)]
    for name in CURVES_OF_SCORES:
        scores = [(step, found[name]) for step, found in validated if found.get(name) is not None]
        if scores:
            figures.append(_figure(SCORES[name][0], scores, steps, dots=True))
    return f'<div class="ft-curves">{"".join(figures)}</div>' if figures else ""


def _before(job: Job) -> Mapping[str, Any]:
    """Return the scores of the checkpoint that ``job`` starts from; no scores until they are measured."""
    try:
        found: Mapping[str, Any] = json.loads((job.path / "before.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def _figure(title: str, points: Points, steps: int, *, dots: bool = False) -> str:
    step, value = points[-1]
    plain = "".join(part.split(">")[-1] for part in title.split("<"))
    svg = curve_plot(points, steps, f"{plain} over the steps, {significant(value)} at step {step:g}", dots=dots)
    return f"<figure><figcaption><span>{title}</span> <b>{significant(value)}</b></figcaption>{svg}</figure>"


def score_rows(scores: Mapping[str, Mapping[str, Any]], start: str, name: str) -> str:
    """Return the scores before and after as an HTML table, the better of the two marked."""
    known = {key: column for key, column in SCORES.items() if key in scores["before"]}
    titles = "".join(f'<th scope="col">{title}</th>' for title, *_ in known.values())
    rows = ""
    for when, other, label in (("before", "after", start), ("after", "before", name)):
        cells = []
        for key, (title, form, better) in known.items():
            value, rival = scores[when][key], scores[other][key]
            if value is None:
                cells.append(f'<td data-label="{title}">n/a</td>')
                continue
            wins = rival is not None and better * value > better * rival
            cells.append(f'<td data-label="{title}"{" class=best" if wins else ""}>{form.format(value)}</td>')
        rows += f'<tr><th scope="row">{when}: {html.escape(label)}</th>{"".join(cells)}</tr>'
    return (
        f'<div class="scores"><table><thead><tr><th scope="col"></th>{titles}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def list_entry(job: Job) -> tuple[str, str]:
    """Return a line for the list of finetunes, and the id behind it."""
    settings, record = job.settings, job.record
    when = datetime.fromisoformat(record["created"]).strftime("%d %b %H:%M UTC")
    return f"{job.name} · {job.state.value} · {settings.steps} steps from {settings.start} · {when}", job.id
