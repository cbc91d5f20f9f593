"""The COO playground tab: the paper's Fig. 1 as an experiment that trains in the page."""

from functools import partial
from typing import Any

import gradio as gr

from decloss.ui.parts.address import Field, choice, number
from decloss.ui.parts.tab import LIVE, PRIVATE, Networks, Shared, Tab
from decloss.ui.photo.panel import KEEP_SECONDS
from decloss.ui.playground import callbacks, words
from decloss.ui.playground.words import DEFAULTS, PRESETS
from decloss.views.toy.problem import MEAN, MODES, PLAIN, SHIFTED, TURNED
from decloss.views.toy.training import PATCH_SIZES, TOY_LOSSES


def build_playground(shared: Shared, networks: Networks) -> Tab:  # noqa: ARG001 - every tab is built alike
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    gr.Markdown(words.INTRODUCTION)
    with gr.Row(elem_id="toy-presets"):
        presets = {name: gr.Button(name, size="sm", min_width=150) for name in PRESETS}
    with gr.Row():
        buttons = {name: _button(name) for name in ("Play", "Pause", "Step", "Reset")}
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            controls = {**_loss_controls(), **_problem_controls()}
            controls = {name: controls[name] for name in DEFAULTS}
        with gr.Column(scale=5, min_width=320, elem_id="toy-seen"):
            seen = _lay_out_seen()
    gr.Markdown(words.WHY)
    session = gr.State(None, time_to_live=KEEP_SECONDS)
    _wire(session, controls, seen, presets, buttons)
    return Tab(
        fields=tuple(Field(f"t.{name}", controls[name], _reader(controls[name])) for name in DEFAULTS),
        refresh=lambda scene, session, *values: callbacks.look(session, *values),
        inputs=(session, *controls.values()),
        outputs=(session, *seen),
    )


def _wire(
    session: gr.State,
    controls: dict[str, Any],
    seen: tuple[Any, ...],
    presets: dict[str, gr.Button],
    buttons: dict[str, gr.Button],
) -> None:
    values, given = list(controls.values()), [session, *seen]
    # No "cancels": it may come late. Whatever is pressed takes the turn, and the training that had it ends by itself.
    training: dict[str, Any] = {
        **PRIVATE,
        "trigger_mode": "multiple",
        "show_progress": "hidden",
        "concurrency_id": "toy",
    }
    buttons["Play"].click(callbacks.play, [session, *values], given, **training)
    buttons["Pause"].click(callbacks.pause, [session, *values], given, **LIVE)
    buttons["Step"].click(callbacks.one_step, [session, *values], given, **LIVE)
    buttons["Reset"].click(callbacks.reset, [session, *values], given, **LIVE)
    for name, button in presets.items():
        button.click(partial(callbacks.play_preset, name), session, [*values, *given], **training)
    # By hand only: links and presets set several controls at once and say themselves what follows.
    modes = controls["modes"].input(callbacks.equal_share, controls["modes"], controls["share"], **LIVE)
    modes.then(callbacks.changed, [session, *values], given, **LIVE)
    others = [control.input for name, control in controls.items() if name != "modes"]
    gr.on(others, callbacks.changed, [session, *values], given, **LIVE)


def _loss_controls() -> dict[str, Any]:
    return {
        "loss": _radio(
            "loss", TOY_LOSSES, "Loss", "Changed during a run, it goes on from there: MSE first, then DECLoss."
        ),
        "pixel": _slider(
            "pixel", callbacks.PIXELS, 1, "Weight of L1", "In L1 + DECLoss, whose own is 1. Eq. (26): 333."
        ),
        "patch": _radio(
            "patch", tuple(map(str, PATCH_SIZES)), "Mini-patch P, pixels", "24: one a picture. 8: nine a picture."
        ),
        "eta": _slider("eta", callbacks.ETAS, 0.5, "η, dB", "Mini-patches of HR with M ≥ η are positives."),
        "alpha": _slider("alpha", callbacks.ALPHAS, 0.05, "α", "One knob with η: only η + 40 log₁₀ α matters."),
        "reading": _radio(
            "reading", callbacks.READINGS, "Temperatures", "Outside the exponent, as printed, or inside."
        ),
        "tpos": _slider("tpos", callbacks.TEMPERATURES, 0.05, "t_pos", "Outside it moves the curve, not the output."),
        "tneg": _slider("tneg", callbacks.TEMPERATURES, 0.05, "t_neg", "The same, of negatives."),
        "lr": _slider("lr", callbacks.RATES, 0.0005, "Step size", "Of Adam."),
        "steps": _slider("steps", callbacks.STEPS, 10, "Steps", "That Play trains."),
    }


def _problem_controls() -> dict[str, Any]:
    gr.Markdown("### The details\nA change here starts anew.")
    return {
        "modes": _slider("modes", MODES, 1, "Modes", "HR details that share one LR."),
        "share": _slider("share", callbacks.SHARES, 1, "Pictures of mode 1", "Of 24; the other modes share the rest."),
        "kind": _radio("kind", (TURNED, SHIFTED), "Modes are stripes", "In other directions, or moved."),
        "noise": _slider("noise", callbacks.NOISES, 0.25, "Noise of LR, levels", "Drawn once for each picture, as in a "
                         "training set: it lets the network tell pictures apart."),
        "start": _radio("start", (PLAIN, MEAN), "Start", "Without details, or where MSE ends."),
        "seed": _slider("seed", callbacks.SEEDS, 1, "Seed", "Of network and noise."),
    }  # fmt: skip


def _lay_out_seen() -> tuple[Any, ...]:
    modes = gr.Gallery(
        label="The details that share one LR",
        show_label=False,
        format="png",
        object_fit="contain",
        interactive=False,
        buttons=["fullscreen"],
        elem_id="toy-details",
        elem_classes="pictures",
    )
    with gr.Row(equal_height=False):
        output = _image("Output", "toy-output", "What the network makes of the LR image now")
        mean = _image("Mean", "toy-mean", "The weighted mean of the modes")
        median = _image("Median", "toy-median", "The weighted median of the modes, pixel by pixel")
    gr.Markdown(words.PICTURES_HINT, elem_classes="caption")
    with gr.Row(equal_height=False):
        plane = _image(None, "toy-plane", "The plane of the modes with the way of the output", 290)
        curves = _image(None, "toy-curves", "Distances, loss and ICOO over the steps", 290)
    numbers = gr.Markdown(elem_id="toy-numbers")
    gr.Markdown(words.PLANE_HINT, elem_classes="caption")
    gr.Markdown(words.CURVES_HINT, elem_classes="caption")
    return modes, output, mean, median, plane, curves, numbers


def _button(name: str) -> gr.Button:
    variant = "primary" if name == "Play" else "secondary"
    return gr.Button(name, variant=variant, min_width=60, elem_id=f"toy-{name.lower()}")


def _image(label: str | None, elem_id: str, alt_text: str, min_width: int = 80) -> gr.Image:
    return gr.Image(
        label=label,
        show_label=label is not None,
        format="png",
        interactive=False,
        buttons=[],
        elem_id=elem_id,
        elem_classes="toy-picture",
        alt_text=alt_text,
        min_width=min_width,
    )


def _slider(name: str, limits: tuple[float, float], step: float, label: str, info: str) -> gr.Slider:
    value = DEFAULTS[name]
    return gr.Slider(*limits, value=value, step=step, label=label, info=info, elem_id=f"toy-{name}", min_width=140)


def _radio(name: str, choices: tuple[str, ...], label: str, info: str) -> gr.Radio:
    return gr.Radio(list(choices), value=DEFAULTS[name], label=label, info=info, elem_id=f"toy-{name}")


def _reader(control: Any) -> Any:
    if isinstance(control, gr.Slider):
        return number(control.minimum, control.maximum, control.step)
    return choice([value for _, value in control.choices])
