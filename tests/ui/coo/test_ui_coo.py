import json
import math
import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from conftest import Started, sample_photo
from torch import nn

from decloss.figures.embedding import embedding_data
from decloss.ui.coo import callbacks as coo_callbacks
from decloss.ui.coo import endpoint as coo_endpoint
from decloss.ui.coo.callbacks import NO_SCENE, embed, refresh, weights_of
from decloss.ui.coo.controls import PRESETS, RAW, Controls
from decloss.ui.coo.tab import build_coo
from decloss.ui.coo.table import coo_sentence, coo_table
from decloss.ui.coo.words import shown_words
from decloss.ui.parts.controls import checked
from decloss.ui.parts.tab import Networks, Shared
from decloss.views.clusters import Shares
from decloss.views.coo import compute_coo, coo_map_data
from decloss.views.maps import CooMap, MapStore, map_key
from decloss.views.scene import Scene, cut_scene
from decloss.zoo.checkpoint import CheckpointError
from decloss.zoo.registry import BICUBIC, Zoo

GOOD = Controls([BICUBIC], count=200, share=0.25)


@pytest.fixture(scope="module")
def networks() -> Networks:
    zoo = Zoo(())
    return Networks(zoo, [BICUBIC, *(f"network-{i}" for i in range(8))], zoo.load)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return cut_scene(sample_photo(96, 96), 0.5, 0.5)


def refreshed(
    networks: Networks, scene: Scene | None, chosen: Controls, maps: MapStore | None = None
) -> tuple[Any, ...]:
    """What the tab shows in the end."""
    return list(refresh(networks, maps or MapStore(), scene, chosen))[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": []}, {"models": "bicubic"}, {"models": ["../secret"]},
        {"models": [f"network-{i}" for i in range(8)]}, {"size": "7"}, {"size": 8}, {"count": math.nan},
        {"count": 1e9}, {"count": True}, {"neighbours": 1}, {"space": ["Raw"]}, {"share": 0}, {"rule": None},
        {"seed": -1}, {"seed": "0"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(networks: Networks, wrong: dict[str, Any]) -> None:
    with pytest.raises(gr.Error) as error:
        checked(Controls, {"models": networks.names}, **{"models": [BICUBIC], **wrong})
    assert re.fullmatch(r"[^\n]+\.", str(error.value.message))


def test_without_a_scene_the_tab_says_what_is_missing(networks: Networks) -> None:
    assert refreshed(networks, None, GOOD)[1] == NO_SCENE
    with pytest.raises(gr.Error, match="64 pixels"):
        next(embed(networks, MapStore(), None, GOOD))


def test_whatever_asks_for_the_table_is_one_listener_so_that_no_late_answer_stays(
    networks: Networks, tmp_path: Path
) -> None:
    mine = SimpleNamespace(finetunes=SimpleNamespace(data=tmp_path))
    with gr.Blocks() as page:
        shared = Shared(gr.Image(), gr.Slider(), gr.Slider(), gr.State(), mine, *[None] * 2)  # type: ignore[arg-type]
        tab = build_coo(shared, networks)
    (table,) = (block for block in page.blocks.values() if block.elem_id == "coo-table")
    (listener,) = (fn for fn in page.fns.values() if table in fn.outputs)
    (asking,) = tab.outputs
    assert (asking._id, "change") in listener.targets
    setting = [fn for fn in page.fns.values() if asking in fn.outputs]
    assert len(setting) == len(PRESETS) + 1, "each preset, and a map that is finished"


def test_networks_run_one_by_one_while_somebody_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coo_callbacks, "PIECE", 0.0)
    ran: list[str] = []

    def load(name: str) -> nn.Module:
        ran.append(name)
        return Zoo(()).load(BICUBIC)

    names = [f"network-{i}" for i in range(3)]
    networks = Networks(Zoo(()), names, load)
    place = cut_scene(scene.hr, 0.5, 0.5)
    pieces = refresh(networks, MapStore(), place, replace(GOOD, models=names))
    next(pieces), next(pieces)
    pieces.close()
    assert ran == names[:1]
    assert refreshed(networks, place, replace(GOOD, models=names))[2].count("<tr") == 5
    assert set(ran) == {*names, BICUBIC}
    again = list(refresh(networks, MapStore(), place, replace(GOOD, models=names)))
    assert len(again) == 1, "nothing is left to run"


def test_a_map_is_shown_with_the_vectors_it_is_of_and_anything_else_marks_it_as_old(
    networks: Networks, scene: Scene
) -> None:
    maps = MapStore()
    key = map_key(GOOD.settings, scene, GOOD.perplexity, weights_of(networks, (BICUBIC,)))
    maps.put(key, CooMap(np.random.default_rng(0).normal(size=(224, 2)), 0.9, 1.0))
    data, status, *_ = refreshed(networks, scene, GOOD, maps)
    assert "Trustworthiness **0.90**" in status and len(data["hr"]["xy"]) == 200
    assert data["words"][0].startswith("These are enhanced") and "old" not in data
    for change in ({"space": RAW}, {"count": 300}, {"seed": 1}, {"perplexity": 31.0}):
        found = refreshed(networks, scene, replace(GOOD, **change), maps)[0]
        assert found["hr"]["xy"] is None and "chosen before" in found["old"]
    more = refreshed(networks, scene, replace(GOOD, neighbours=9), maps)[0]
    assert more["hr"]["xy"] is not None and len(more["series"][0]["neighbours"][0]) == 9
    elsewhere = cut_scene(sample_photo(96, 96, seed=1), 0.5, 0.5)
    assert refreshed(networks, elsewhere, GOOD, maps)[0]["hr"]["xy"] is None


def test_an_embedding_moves_its_points_and_is_not_made_twice(networks: Networks, scene: Scene) -> None:
    maps = MapStore()
    told = list(embed(networks, maps, scene, GOOD))
    kinds = [next(iter(value)) if isinstance(value, dict) and "move" in value else "" for value, _ in told]
    moves = [value["move"] for value, _ in told if isinstance(value, dict) and "move" in value]
    assert kinds.count("move") >= 1 and all(len(move) == 2 * 224 for move in moves)
    assert all(0 <= value <= 1000 for move in moves for value in move)
    assert told[-1][0]["hr"]["xy"] is not None
    again = list(embed(networks, maps, scene, GOOD))
    assert not [value for value, _ in again if isinstance(value, dict) and "move" in value]
    assert again[-1] == told[-1], "another visitor gets the same"
    assert len(list(refresh(networks, maps, scene, GOOD))) == 1


def test_the_map_made_ahead_is_kept_in_a_file_and_made_anew_for_other_weights(
    networks: Networks, scene: Scene, tmp_path: Path, started: Started
) -> None:
    def make(weights: dict[str, str]) -> MapStore:
        maps = MapStore(tmp_path)
        maps.make(networks.load, scene, GOOD.settings, GOOD.perplexity, weights, time.perf_counter)
        return maps

    first = make({BICUBIC: "a"})
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text(encoding="utf-8"))["weights"] == {BICUBIC: "a"}
    key = map_key(GOOD.settings, scene, GOOD.perplexity, {BICUBIC: "a"})
    again = make({BICUBIC: "a"})
    assert len(started) == 1, "read from its file"
    made, read = first.get(key), again.get(key)
    assert made is not None and read is not None and np.allclose(made.points, read.points, atol=1e-4)
    make({BICUBIC: "b"})
    assert len(started) == 2 and file not in tmp_path.iterdir()
    (file,) = tmp_path.iterdir()
    file.write_text("{broken", encoding="utf-8")
    make({BICUBIC: "b"})
    assert len(started) == 3, "a damaged file is made anew"


def test_a_map_without_a_network_that_was_damaged_is_none_of_all_and_is_kept_in_no_file(tmp_path: Path) -> None:
    damaged = {"damaged": True}

    def load(name: str) -> nn.Module:
        if name == "network-0" and damaged:
            raise CheckpointError(name)
        return Zoo(()).load(BICUBIC)

    networks = Networks(Zoo(()), [BICUBIC, "network-0"], load)
    place = cut_scene(sample_photo(96, 96), 0.5, 0.5)
    chosen = replace(GOOD, models=networks.names)
    weights = weights_of(networks, (BICUBIC, "network-0"))  # as the card has them, whether or not it can be read
    maps = MapStore(tmp_path)
    maps.make(load, place, chosen.settings, chosen.perplexity, weights, time.perf_counter)
    assert refreshed(networks, place, chosen, maps)[0]["hr"]["xy"] is not None and not list(tmp_path.iterdir())
    damaged.clear()
    assert "old" in refreshed(networks, place, chosen, maps)[0]
    assert len(list(embed(networks, maps, place, chosen))[-1][0]["series"]) == 2
    assert "old" not in refreshed(networks, place, chosen, maps)[0]


def test_a_map_is_not_that_of_the_same_crop_in_other_surroundings() -> None:
    photo = sample_photo(256, 256)
    framed = photo.copy()
    framed[:20] = 0
    scenes = [cut_scene(pixels, 0.5, 0.5) for pixels in (photo, framed)]
    assert np.array_equal(scenes[0].hr, scenes[1].hr)
    assert len({map_key(GOOD.settings, scene, GOOD.perplexity, {}) for scene in scenes}) == 2


def test_an_infinite_icoo_is_said_in_words_and_null_in_json(networks: Networks) -> None:
    white = np.full((96, 96, 3), 255, np.uint8)
    white[:10, :10] = sample_photo(10, 10)
    found = compute_coo(networks.load, cut_scene(white, 0.5, 0.5), GOOD.settings)
    assert math.isinf(found.floor)
    table = coo_table(found)
    assert "n/a: plain places match exactly" in table and "inf" not in table.replace("infinite", "")
    assert coo_endpoint._finite(found.floor) is None and coo_endpoint._finite(20.5) == 20.5


def test_the_words_follow_what_is_shown() -> None:
    shares = {BICUBIC: Shares(0.9, 1.0), "edsr-l1": Shares(0.3, 0.7), "edsr-l1-dec": Shares(0.2, 0.6)}
    raw, found = shown_words(replace(GOOD, space=RAW).settings, shares, 1000)
    assert raw.startswith("These are raw") and "Bicubic · no network form a cluster of their own" in found
    assert "EDSR · pixel loss and EDSR + DECLoss lie among the networks’" in found and "60%" in found
    assert "Those of EDSR + DECLoss lie among" in shown_words(GOOD.settings, {"edsr-l1-dec": Shares(0.2, 0.8)}, 1000)[1]
    enhanced, none = shown_words(GOOD.settings, {BICUBIC: Shares(0.1, 0.1)}, 1000)
    assert enhanced.startswith("These are enhanced") and none.startswith("No network’s")


def test_the_table_has_hr_itself_as_the_yardstick(networks: Networks, scene: Scene) -> None:
    found = compute_coo(networks.load, scene, GOOD.settings)
    table = coo_table(found)
    assert table.count("<tr") == 3 and table.index("bicubic") < table.index("HR itself")
    assert f"{found.icoo[BICUBIC]:.2f}" in table and f"{found.floor:.2f}" in table
    assert f"**Bicubic · no network** {found.distances[BICUBIC].between} of 12" in coo_sentence(found)


def test_the_data_puts_every_mini_patch_where_the_sheet_has_it(networks: Networks, scene: Scene) -> None:
    found = compute_coo(networks.load, scene, GOOD.settings)
    data = coo_map_data(scene, found, None)
    (series,) = data["series"]
    top, left = found.among.truths[3]
    assert data["truths"]["at"][3] == [left, top]
    assert series["at"][3] == [24, scene.side] and series["centres"][3] == [24, scene.side + 8]
    assert len(series["neighbours"]) == 12 and len(series["distances"][0]) == 3


def test_the_map_keeps_its_proportions_and_its_order() -> None:
    points = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 2.0]])
    hr = np.zeros((16, 16, 3), np.uint8)
    data = embedding_data(hr, 8, np.array([[0, 0], [0, 8]]), np.array([[8, 8]]), [], points)
    assert data["hr"]["xy"] == [[0.0, 0.75], [1.0, 0.75]] and data["truths"]["xy"] == [[1.0, 0.25]]
