"""What fills the lower part of Compare: all of it is drawn from the one comparison, part by part."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from decloss.ui.compare import callbacks
from decloss.ui.compare.closer_look import show_windows
from decloss.ui.compare.comparison import HR_NAME, Comparison
from decloss.ui.compare.controls import Controls, read_region
from decloss.ui.compare.downloads import download_links
from decloss.ui.compare.kept import is_there, once
from decloss.ui.compare.maps import show_maps
from decloss.ui.compare.outputs import Outputs
from decloss.ui.compare.score_table import score_table
from decloss.ui.compare.shared import LastRun
from decloss.ui.compare.spectra import show_spectra
from decloss.ui.compare.tradeoff import tradeoff
from decloss.ui.parts.checks import check_choice
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import DRAWING, LIVE, NEW, OPENING, Networks, Shared
from decloss.ui.parts.visitor import Finished
from decloss.zoo.checkpoint import CheckpointError

MOVE = "(value, x, y) => (value ? {...value, place: [x, y], moved: true} : value)"
RESIZE = "(value, side) => (value ? {...value, side} : value)"
TO_START = """(value, x, y) => {
  if (!value) return [x, y];
  const [left, top, width, height] = value.part;
  const percent = (share) => Math.round(1000 * share) / 10;
  return [percent(left + value.start[0] * width), percent(top + value.start[1] * height)];
}"""


def wire_below(
    shared: Shared,
    networks: Networks,
    comparison: gr.State,
    last: gr.State,
    panel: Panel[Controls],
    outputs: Outputs,
    *,
    after: Sequence[Any],
    pair: Sequence[Any],
) -> None:
    """Fill the lower part whenever the comparison is another one, and wire its controls.

    Args:
        shared: the components above the tabs.
        networks: the checkpoints.
        comparison: the state with the comparison.
        last: the state that knows which comparison was shown last.
        panel: the controls of the run.
        outputs: the lower part.
        after: event triggers, such as ``run.click(...).success``, after which the comparison is another one.
        pair: the components that hold the names of the viewer's two pictures, left and right; a click in the plot sets
            the second.
    """

    def known(finished: Finished) -> Networks:
        return networks.with_mine(shared.mine.checkpoints(finished))

    def show_first(
        found: Comparison | None, last: LastRun, x: float, y: float, side: Any, finished: Finished
    ) -> tuple[Any, ...]:
        side = read_region(x, y, side).side
        if found is None:
            return (gr.skip(),) * 3
        measured = HR_NAME in found.pictures
        table = score_table(
            found.results, with_reference=measured, failed=found.failed, training=_training(known(finished))
        )
        plot = tradeoff(found.results, with_reference=measured)
        windows = show_windows(found, x, y, side)
        return (plot, table, windows) if last.shows(found) else (gr.skip(),) * 3

    def show_files(found: Comparison | None, last: LastRun, finished: Finished) -> Any:
        if found is None or found.waiting:  # more is to come: then this is asked again
            return gr.skip()
        links = show_links(known(finished), found)
        return links if last.shows(found) else gr.skip()

    def draw_maps(found: Comparison | None, last: LastRun, first: Any, second: Any, *sent: Any) -> Iterator[Any]:
        chosen = outputs.maps_panel.read(sent)
        yield from while_shown(found, last, lambda found: show_maps(found, *_two(found, first, second), chosen))

    def draw_spectra(found: Comparison | None, last: LastRun) -> Iterator[Any]:
        yield from while_shown(found, last, show_spectra)

    maps_asked = gr.Textbox(visible=False)
    mapped = [comparison, last, *pair, *outputs.maps_panel.inputs]
    place = [shared.x, shared.y]
    first = [outputs.tradeoff, outputs.table, outputs.windows]
    for then in after:
        then(show_first, [comparison, last, *place, panel["region_side"], shared.mine.finished], first, **DRAWING).then(
            None, None, maps_asked, js=NEW, **LIVE
        ).then(draw_spectra, [comparison, last], outputs.spectra, **DRAWING).then(
            show_files, [comparison, last, shared.mine.finished], outputs.files, **DRAWING
        )
    # While results come in, the table tells of each, and the plot follows.
    later = [outputs.windows, outputs.maps, outputs.spectra, outputs.files]
    outputs.table.change(show_so_far, comparison, [outputs.tradeoff, *later], **OPENING)
    # Whatever asks for the maps shares one listener, since answers to different listeners may arrive in any order.
    drawn = [*(each.change for each in pair), *outputs.maps_panel.changes(), maps_asked.change]
    gr.on(drawn, draw_maps, mapped, outputs.maps, **DRAWING)
    gr.on([outputs.tradeoff.select, outputs.table.select], choose_network, comparison, pair[1], **LIVE)
    # The browser alone moves the windows.
    windows = outputs.windows
    gr.on([each.change for each in place], None, [windows, *place], windows, js=MOVE, **LIVE)
    panel["region_side"].change(None, [windows, panel["region_side"]], windows, js=RESIZE, **LIVE)
    outputs.most.click(None, [windows, *place], place, js=TO_START, **LIVE)


def while_shown(found: Comparison | None, last: LastRun, draw: Callable[[Comparison], Iterator[str]]) -> Iterator[Any]:
    """Yield what ``draw`` yields of ``found`` while the visitor is shown that, and no change at the end.

    What is drawn stays where the server has no comparison any more. The end must be a piece of its own: Gradio's page
    gets the last one once more, when another comparison may be shown, and empties what got none.
    """
    if found is not None:
        for piece in draw(found):
            if not last.shows(found):
                break
            yield piece
    yield gr.skip()


def show_links(networks: Networks, found: Comparison) -> str:
    """Return the links to the files as HTML; files that were swept meanwhile are there again for each who asks."""
    key = ("files", *(result.name for result in found.results))
    paths = once(
        found, key, lambda: callbacks.make_files(networks, found), usable=lambda paths: all(map(is_there, paths))
    )
    return download_links(found, paths)


def show_so_far(found: Comparison | None) -> tuple[Any, ...]:
    """Return the plot of the results so far; before the first one, what is left of another comparison is emptied."""
    if found is None:
        return "", None, "", "", ""
    rest = (gr.skip(),) * 4 if found.results else (None, "", "", "")
    return tradeoff(found.results, with_reference=HR_NAME in found.pictures), *rest


def choose_network(found: Comparison | None, event: gr.SelectData) -> str:
    """Return the name of the network that was clicked, for the right side of the viewer."""
    if found is None:
        raise gr.Error("This comparison is no longer on the server: compare again.")
    return check_choice(event.value, "The network", [result.name for result in found.results])


def _two(found: Comparison, first: Any, second: Any) -> tuple[str, str]:
    """Return the names of the viewer's pictures; two empty ones while it has none of this comparison."""
    names = list(found.pictures)
    return (first, second) if first in names and second in names else ("", "")


def _training(networks: Networks) -> Any:
    """Return a function that returns what a network's card says of its training; None if there is no card."""

    def training(name: str) -> object:
        try:
            return networks.card(name).get("training")
        except CheckpointError:
            return None

    return training
