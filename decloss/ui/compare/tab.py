"""The Compare tab: one photo, several checkpoints, side by side. Here its layout is wired to its callbacks."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gradio as gr

from decloss.ui.compare import callbacks
from decloss.ui.compare.below import wire_below
from decloss.ui.compare.comparison import Comparison
from decloss.ui.compare.controls import WHOLE, WITH_ORIGINAL, Controls, few_first, first_ticked, read_region, side_for
from decloss.ui.compare.inputs import Inputs
from decloss.ui.compare.line import tell_place
from decloss.ui.compare.outputs import Outputs
from decloss.ui.compare.plan import describe_run, name_photo
from decloss.ui.compare.shared import LastRun, SharedComparisons
from decloss.ui.compare.viewer import Viewer, describe_as_text
from decloss.ui.parts.address import SEPARATOR, Field
from decloss.ui.parts.controls import checked
from decloss.ui.parts.examples import first_pair
from decloss.ui.parts.names import plain_name
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.parameters import with_parameters
from decloss.ui.parts.tab import LIVE, OPENING, PRIVATE, Networks, Shared, Tab
from decloss.ui.parts.visitor import NAME, Finished
from decloss.ui.photo.panel import KEEP_SECONDS


def build_compare(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    networks = networks.with_twin()
    examples = SharedComparisons(shared.examples)
    first = examples.results.default()
    comparison = gr.State(None, time_to_live=KEEP_SECONDS)
    last = gr.State(LastRun())
    given = {
        "mode": WITH_ORIGINAL,
        "checkpoints": first_ticked(networks.names),
        "fit": WHOLE,
        "side": side_for(WITH_ORIGINAL),
    }
    panel = Panel(Controls, "", "", choices={"checkpoints": networks.names}, defaults=given)
    panel.components |= {"x": shared.x, "y": shared.y}
    with gr.Column(elem_id="compare-first"):
        viewer = Viewer(networks, examples.of(first) if first is not None else None)
    inputs = Inputs(panel)
    with gr.Column(elem_id="compare-below"):
        outputs = Outputs(panel)
    panel["checkpoints"].choices = _titled(networks.names)
    viewer.wire(shared)
    # Only a change by hand sets the size, since a link that sets the mode sets the size as well.
    panel["mode"].input(side_for, panel["mode"], panel["side"], **LIVE)
    filled = outputs.filled(inputs.status)
    _wire_plan(shared, networks, panel, inputs, viewer)
    after = [
        *_wire_run(shared, networks, examples, comparison, last, panel, inputs, viewer, filled),
        _wire_examples(examples, comparison, last, panel, viewer, filled),
    ]
    pair = (viewer.left, viewer.right)
    wire_below(shared, networks, comparison, last, panel, outputs, after=after, pair=pair)
    shown = gr.State([])
    shared.mine.news.change(
        lambda *values: _with_mine(networks, *values),
        [shared.mine.finished, panel["checkpoints"], shown],
        [panel["checkpoints"], shown],
        **OPENING,
    )

    # A finetune that was deleted, or that this visitor may not see, stands on no side of the viewer.
    shared.mine.news.change(
        lambda finished, *pair: tuple(_or_first(networks, finished, pair)),
        [shared.mine.finished, viewer.left, viewer.right],
        [viewer.left, viewer.right],
        **OPENING,
    )

    def look_at_photo(_: Any, photo: Any, known: Comparison | None, last: LastRun) -> tuple[Any, ...]:
        name = name_photo(photo, lambda digest: examples.results.find(digest) is not None)
        gone = uuid.uuid4().hex if last.is_forgotten(known) else gr.skip()
        return name, uuid.uuid4().hex, gone

    ticked = Field("models", panel["checkpoints"], lambda text: _read_models(networks, text))
    return Tab(
        fields=(ticked, *panel.fields, *outputs.maps_panel.fields, *viewer.fields),
        refresh=look_at_photo,
        inputs=(shared.photo, comparison, last),
        outputs=(viewer.shown, viewer.asked, viewer.gone),
    )


def _titled(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the choices for the checkboxes: plain names first, the checkpoints' own behind, the first four before."""
    plain = {name: plain_name(name) for name in few_first(names)}
    return [
        (title if " " not in title or "-" not in name else f"{title} ({name})", name) for name, title in plain.items()
    ]


def _read_models(networks: Networks, text: str) -> Any:
    """Tick the checkpoints that ``text`` names; a visitor's own are looked up right after, and believed until then."""
    ticked = text.split(SEPARATOR)
    own = sorted({name for name in ticked if NAME.fullmatch(name)} - set(networks.names))
    found = [name for name in (*networks.names, *own) if name in ticked]
    if not found:
        raise ValueError(f"{text!r} names none of the choices")
    return gr.CheckboxGroup(_titled([*networks.names, *own]), value=found)


def _with_mine(networks: Networks, finished: Finished, ticked: Any, shown: list[str]) -> Any:
    """Return the checkboxes with the visitor's own finetunes, and the names of these; ticks stay where they can."""
    own = list(finished or {})
    names = [*networks.names, *own]
    gone = not set(ticked or ()) <= set(names)
    if own == shown and not gone:  # nothing is sent, since the visitor may be ticking boxes at this moment
        return gr.skip(), gr.skip()
    kept = {"value": [name for name in names if name in ticked]} if gone else {}
    return gr.CheckboxGroup(_titled(names), **kept), own


def _or_first(networks: Networks, finished: Finished, pair: Sequence[Any]) -> Iterator[Any]:
    """Yield for each side of the viewer no change, or the first pair's network in place of a finetune that is gone."""
    for name, first in zip(pair, first_pair(networks.names), strict=True):
        gone = isinstance(name, str) and NAME.fullmatch(name) and name not in (finished or {})
        yield first if gone and name not in networks.names else gr.skip()


def _region(panel: Panel[Controls]) -> list[Any]:
    return [panel["region_x"], panel["region_y"], panel["region_side"]]


def _wire_plan(shared: Shared, networks: Networks, panel: Panel[Controls], inputs: Inputs, viewer: Viewer) -> None:
    """Say before a run what it will do and how long that will take."""

    def describe(shown: Any, finished: Finished, *sent: Any) -> tuple[Any, str]:
        known = networks.with_mine(shared.mine.checkpoints(finished))
        try:
            return describe_run(shown, panel.read(sent, checkpoints=known.names))
        except gr.Error as error:  # such as that no network is ticked
            return gr.skip(), str(error.message)

    asked = [viewer.shown.change, *panel.changes(["mode", "checkpoints", "fit", "side", "sharpening"])]
    gr.on(asked, describe, [viewer.shown, shared.mine.finished, *panel.inputs], [inputs.run, inputs.plan], **OPENING)


def _wire_examples(
    examples: SharedComparisons,
    comparison: gr.State,
    last: gr.State,
    panel: Panel[Controls],
    viewer: Viewer,
    filled: list[Any],
) -> Any:
    """Show an example's results as they come from the background, and return the event after all are there.

    The viewer asks again when there are more: an answer that stays open until then would hold one of the few
    connections that a browser has for all of its pages here.
    """
    whole = gr.Textbox(visible=False)

    def fill(shown: Any, known: Comparison | None, last: LastRun, *region: Any) -> tuple[Any, ...]:
        (found, *values), more = callbacks.show_chosen(examples, str(shown)[:64], known, last, read_region(*region))
        is_news = isinstance(found, Comparison)
        done = uuid.uuid4().hex if is_news and not more else gr.skip()
        return found, describe_as_text(found if is_news else None), *values, done

    given = [viewer.shown, comparison, last, *_region(panel)]
    asked = [viewer.shown.change, viewer.gone.change, viewer.html.edit]
    gr.on(asked, fill, given, [comparison, viewer.data, *filled, whole], **OPENING)
    return whole.change


def _wire_run(
    shared: Shared,
    networks: Networks,
    examples: SharedComparisons,
    comparison: gr.State,
    last: gr.State,
    panel: Panel[Controls],
    inputs: Inputs,
    viewer: Viewer,
    filled: list[Any],
) -> list[Any]:
    """Wire the buttons that start and stop a run, and return the events after which it is over."""

    @with_parameters(Controls)
    def compare(photo: Any, sent: Mapping[str, Any], finished: Finished = None, last: LastRun | None = None) -> Any:
        """Upscale a photo four times with several checkpoints, and measure each result if the photo is the original.

        Args:
            photo: an image file.
            {controls}

        Returns:
            Every picture, the scores as HTML, a status, the scores as JSON, the map and the enlarged regions.
        """
        names = networks.with_mine(shared.mine.checkpoints(finished))
        controls = checked(Controls, {"checkpoints": names.names}, **sent)
        last = last or LastRun()
        before = last.begin(name_photo(photo, lambda _: False)[:64])
        yield from callbacks.run_unless_left(names, photo, controls, last, before)

    def place_in_line(run: LastRun, request: gr.Request | None = None) -> Iterator[Any]:
        if request is None:  # Gradio gives none where no page has asked
            yield ""
        else:
            yield from tell_place(request.request.app.get_blocks(), request.session_hash, run)

    # A browser waits for each function of a click before it begins the next one, but not for what follows on a script.
    clicked = inputs.run.click(None, js="() => []", **LIVE)
    telling = clicked.then(place_in_line, last, inputs.line, **{**LIVE, "concurrency_id": "line"})
    running = inputs.run.click(
        compare,
        [shared.photo, *panel.inputs, shared.mine.finished, last],
        [comparison, *filled],
        api_name="compare",
        concurrency_id="networks",
        show_progress="hidden",  # Gradio's own words about the queue would stand where nobody sees them
    )
    # apart, since Gradio cancels last, and one more share would follow
    inputs.stop.click(None, cancels=[running, telling])
    stopped = inputs.stop.click(
        lambda found, last, *region: (*callbacks.show_stopped(examples, found, last, read_region(*region)), ""),
        [comparison, last, *_region(panel)],
        [comparison, *filled, inputs.line],
        show_progress="hidden",
        **PRIVATE,
    )
    inputs.status.change(describe_as_text, comparison, viewer.data, **LIVE)
    return [running.success, stopped.then]
