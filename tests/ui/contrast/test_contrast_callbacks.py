"""The Contrast tab's callbacks: hostile values, empty places, and clicks."""

import base64
import io
import json
import math
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from conftest import sample_photo
from PIL import Image

from decloss.dec.dense import INSIDE
from decloss.ui.contrast import callbacks, html
from decloss.ui.contrast.controls import Controls, opens_with
from decloss.ui.contrast.tab import build_contrast
from decloss.ui.parts.controls import checked
from decloss.ui.parts.tab import Networks, Shared, Tab
from decloss.views.contrast import STEPS_PER_DB, ContrastSettings, compute_contrast, compute_row
from decloss.views.scene import Scene, cut_scene
from decloss.zoo.checkpoint import CheckpointError


@pytest.fixture(scope="module")
def scene() -> Scene:
    cut = cut_scene(sample_photo(80, 96), 0.5, 0.5)
    cut._results["mine"] = np.roll(cut.hr, 1, axis=0)
    return cut


def refuse(name: str) -> Any:
    raise CheckpointError(name)


NETWORKS = Networks(None, ["mine", "broken"], refuse)  # type: ignore[arg-type]


def show(scene: Scene | None, model: Any = "mine", row: Any = 2, column: Any = 3, **changed: Any) -> tuple[Any, ...]:
    """All that the tab shows: what the view brings, and what is asked for once it is there."""
    chosen = checked(Controls, {"model": NETWORKS.names}, model=model, row=row, column=column, **changed)
    view, note, everything, *places = callbacks.show(NETWORKS, scene, chosen)
    return view, note, everything, *callbacks.show_view(view, chosen), *places


@pytest.mark.parametrize(
    "changed",
    [
        {"patch_size": 0}, {"patch_size": 17}, {"patch_size": math.nan}, {"patch_size": "8"}, {"mu_share": 0.0},
        {"mu_share": True}, {"alpha": 0}, {"alpha": 1e9}, {"by": "x"}, {"by": ["dB"]}, {"eta": math.inf}, {"eta": -61},
        {"share": 0}, {"share": 100}, {"t_pos": 0.0}, {"t_pos": None}, {"t_neg": 0.01}, {"reading": "middle"},
        {"row": -1}, {"row": 49}, {"column": 0.5}, {"column": math.nan}, {"model": "other"}, {"model": None},
    ],
)  # fmt: skip
def test_a_wrong_value_is_one_sentence(scene: Scene, changed: dict[str, Any]) -> None:
    with pytest.raises(gr.Error):
        show(scene, **changed)


def test_without_a_place_or_with_a_damaged_checkpoint_or_an_even_place_a_sentence_says_so(scene: Scene) -> None:
    even = cut_scene(np.zeros((80, 80, 3), np.uint8), 0.5, 0.5)
    even._results["mine"] = even.hr
    cases = ((None, "mine", "64 pixels"), (scene, "broken", "damaged"), (even, "mine", "equal"))
    for place, name, expected in cases:
        view, note, everything, *rest = show(place, name)
        assert view is None and expected in note and everything.visible == "hidden"
        assert rest == [gr.skip()] * 7
    assert show(even, by="dB")[0].loss == 0  # with an eta there is something to see: all is positive


def test_everything_is_shown_and_a_place_outside_is_the_last_one(scene: Scene) -> None:
    view, note, everything, pair, facts, maps, losses, histogram, row, column = show(scene, row=48, column=1)
    assert note == "" and everything.visible is True
    assert np.array_equal(picture(pair["hr"]), view.hr) and np.array_equal(picture(pair["sr"]), view.sr)
    assert (pair["row"], pair["column"], pair["n"]) == (view.n, 1, view.n)
    assert f"row {view.n}, column 1" in facts and maps.count("<figure>") == 3 and losses.count("<figure>") == 1
    assert (row.maximum, row.value, column.maximum) == (view.n, view.n, view.n)
    assert json.loads(json.dumps(histogram))["asked"] == 3.0 and histogram["eta"] == view.eta
    assert histogram["alpha"] == 1.0
    gradient, table, knob = callbacks.show_slopes(view)
    assert gradient.count("<img") == 1 and table.count("<tr") == 3 and knob.count("<tr") == 3
    assert callbacks.show_slopes(None) == (gr.skip(),) * 3 and callbacks.show_row(None, Controls()) == (gr.skip(),) * 4


def test_the_words_fit_what_is_seen(scene: Scene) -> None:
    assert "Every pair is positive" in show(scene, by="dB", eta=-60)[4]
    assert "Its only positive is itself" in show(scene, by="dB", eta=100)[4]
    assert "0.00 %" in show(scene, by="dB", eta=100)[4]
    table = callbacks.show_slopes(show(scene, t_pos=0.1, t_neg=0.2, reading=INSIDE)[0])[1]
    assert table.count("none at all") == 1 and table.count("<tr") == 5 and table.count('class="chosen"') == 1


def picture(source: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))


def test_what_the_browser_draws_is_who_is_a_positive_and_m_itself(scene: Scene) -> None:
    view, *_ = shown = show(scene, share=20, row=2, column=5)
    pair = json.loads(json.dumps(shown[3]))
    row = compute_row(view, 1, 4)
    assert [digit == "1" for digit in pair["positives"]] == row.positives.ravel().tolist()
    own = pair["m"].pop(1 * view.n + 4)
    assert own is None  # infinite
    others = np.delete(row.m.ravel(), 1 * view.n + 4)
    assert np.abs(np.array(pair["m"]) - others).max() <= 0.0006


def test_a_row_and_column_of_0_are_those_of_the_mini_patch_with_the_most_positives(scene: Scene) -> None:
    view, _, _, pair, facts, *_ = show(scene, row=0, column=0)
    counts = view.positives
    assert counts[pair["row"] - 1, pair["column"] - 1] == counts.max() > np.median(counts)
    assert f"row {pair['row']}, column {pair['column']}" in facts and f"{counts.max()} of {counts.size}" in facts
    assert show(scene, row=3, column=0)[3]["row"] == 3


def test_the_page_opens_with_a_smooth_network_and_at_10_per_cent_and_the_api_with_its_own() -> None:
    known = replace(NETWORKS, names=["bicubic", "edsr-l1", "mine"])
    assert opens_with(known) == {"model": "edsr-l1", "share": 10.0}
    assert opens_with(NETWORKS) == {"model": "broken", "share": 10.0}
    assert Controls().share == 3.0


def test_clicks_are_places_up_to_the_borders(scene: Scene) -> None:
    view = show(scene)[0]
    row, column, pair, *_ = callbacks.clicked(view, SimpleNamespace(index=[2, 5]))
    assert (row, column) == (pair["row"], pair["column"]) == (2, 5)
    for index in (None, [1], [1, math.nan], ["1", 1], [0, 1], [1, view.n + 1], [-1, 1]):
        with pytest.raises(gr.Error):
            callbacks.clicked(view, SimpleNamespace(index=index))
    with pytest.raises(gr.Error, match="64 pixels"):
        callbacks.clicked(None, SimpleNamespace(index=[1, 1]))


def test_turning_the_knob_keeps_the_loss_and_stays_on_the_sliders(scene: Scene) -> None:
    view = show(scene)[0]
    by, alpha, eta = callbacks.turn_knob(view, view.settings.alpha, 2.0)
    turned = show(scene, by=by, alpha=alpha, eta=eta)[0]
    assert alpha == 2 and eta == pytest.approx(view.eta - 12.0412, abs=1e-3)
    assert turned.loss == pytest.approx(view.loss, abs=5e-5) and turned.share == view.share
    far = compute_contrast(scene.hr, scene.hr, replace(ContrastSettings(), alpha=4.0, eta=20.0))
    for refused, factor in ((far, 2.0), (replace(view, eta=-55.0), 2.0)):
        with pytest.raises(gr.Error, match="sliders"):
            callbacks.turn_knob(refused, refused.settings.alpha, factor)
    with pytest.raises(gr.Error):
        callbacks.turn_knob(None, 1.0, 2.0)
    with pytest.raises(gr.Error, match="α must be"):
        callbacks.turn_knob(view, "2", 2.0)


def test_a_second_turn_before_the_first_is_answered_counts_too(scene: Scene) -> None:
    view = show(scene)[0]
    _, alpha, _ = callbacks.turn_knob(view, 1.0, 2.0)
    _, twice, eta = callbacks.turn_knob(view, alpha, 2.0)
    assert twice == 4 and eta == pytest.approx(view.eta - 24.0824, abs=1e-3)


@pytest.fixture(scope="module")
def built() -> tuple[gr.Blocks, Tab]:
    """A page with the tab alone."""
    networks = replace(NETWORKS, names=["bicubic", "edsr-l1"])
    shared = Shared(gr.Image(), gr.Slider(), gr.Slider(), gr.State(), *[None] * 3)  # type: ignore[arg-type]
    with gr.Blocks() as page:
        return page, build_contrast(shared, networks)


def function(page: gr.Blocks, name: str) -> Any:
    (found,) = (fn for fn in page.fns.values() if fn.api_name == name)
    return found


def after_view(page: gr.Blocks) -> gr.components.Component:
    """What changes once a view is there, and with it the sliders' values that came with it."""
    show = function(page, "show")
    ((seen,),) = (fn.outputs for fn in page.fns.values() if fn.trigger_after == show._id)
    assert seen not in show.outputs, "what listens to it would begin before the sliders have their values"
    return seen  # type: ignore[no-any-return]


def test_whatever_asks_for_a_view_is_one_listener_so_that_no_late_answer_stays(built: tuple[gr.Blocks, Tab]) -> None:
    page, tab = built
    show = function(page, "show")
    assert [fn for fn in page.fns.values() if show.outputs[0] in fn.outputs] == [show]
    (asking,) = tab.outputs
    assert (asking._id, "change") in show.targets and tab.refresh is not None
    assert tab.refresh(None) != tab.refresh(None), "or it would not count as changed"


def test_a_mini_patch_that_is_chosen_before_an_answer_arrives_is_the_one_that_is_shown(
    built: tuple[gr.Blocks, Tab], scene: Scene
) -> None:
    page, _ = built
    show, showing = function(page, "show"), function(page, "show_view")
    (pair,) = (block for block in page.blocks.values() if block.elem_id == "contrast-pair")
    assert pair in showing.outputs
    assert pair not in show.outputs, "what is sent with the view is of the place from before"
    assert (after_view(page)._id, "change") in showing.targets
    view, *_ = callbacks.show(NETWORKS, scene, Controls(model="mine", row=2, column=3))
    place = ("contrast-row", "contrast-column")
    found = showing.fn(view, *(5 if block.elem_id in place else block.value for block in showing.inputs[1:]))
    assert (found[0]["row"], found[0]["column"]) == (5, 5)


def test_the_pictures_of_a_view_do_not_wait_for_the_slow_tables(built: tuple[gr.Blocks, Tab]) -> None:
    page, _ = built
    seen = after_view(page)
    # Gradio's page serves the listeners of an event one after the other, in this order.
    serving = [fn.api_name for fn in page.fns.values() if (seen._id, "change") in fn.targets]
    assert serving == ["show_view", "show_slopes"]


def test_the_temperatures_add_nothing_to_rows_without_a_negative(scene: Scene) -> None:
    least_alike = show(scene)[0].histogram.start / STEPS_PER_DB
    view = show(scene, by="dB", eta=least_alike + 0.5, t_pos=4.0, t_neg=0.5)[0]
    assert 0 < np.count_nonzero(view.by_patch) < view.by_patch.size
    table = callbacks.show_slopes(view)[1]
    cells = re.findall(r'data-name="loss">([^<]+)</td><td data-name="log[^"]+">([^<]+)<', table)
    (loss, added), (other, more), *_ = ([float(cell.replace("−", "-")) for cell in row] for row in cells[:2])
    assert other - loss == pytest.approx(more - added, abs=2e-4)


def test_a_mini_patch_without_a_negative_is_grey_in_the_map_of_losses(scene: Scene) -> None:
    view = show(scene)[0]
    losses = view.by_patch.copy()
    losses[0, 0] = 0
    values, low, _ = html.loss_values(replace(view, by_patch=losses))
    assert np.isnan(values[0, 0]) and np.isnan(values).sum() == 1 and low == losses.ravel()[1:].min()
    assert "grey: no negative" in html.loss_map(replace(view, by_patch=losses), (1, 1))
    assert np.isnan(html.loss_values(replace(view, by_patch=np.zeros_like(losses)))[0]).all()
