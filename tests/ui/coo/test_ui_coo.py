import math
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from conftest import sample_photo
from torch import nn

from decloss.figures.embedding import embedding_data, embedding_figure
from decloss.ui.coo import callbacks as coo_callbacks
from decloss.ui.coo.callbacks import NO_SCENE, Map, embed, refresh
from decloss.ui.coo.controls import RAW, Controls
from decloss.ui.coo.table import coo_sentence, coo_table
from decloss.ui.parts.controls import checked
from decloss.ui.parts.tab import Networks
from decloss.views.coo import compute_coo, coo_map_data
from decloss.views.scene import Scene, cut_scene
from decloss.zoo.registry import BICUBIC, Zoo

GOOD = Controls([BICUBIC], count=200, share=0.25)


@pytest.fixture(scope="module")
def networks() -> Networks:
    zoo = Zoo(())
    return Networks(zoo, [BICUBIC, *(f"network-{i}" for i in range(8))], zoo.load)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return cut_scene(sample_photo(96, 96), 0.5, 0.5)


def refreshed(*values: Any) -> tuple[Any, ...]:
    """What the tab shows in the end."""
    return list(refresh(*values))[-1]


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
    with pytest.raises(gr.Error):
        checked(Controls, {"models": networks.names}, **{"models": [BICUBIC], **wrong})


def test_without_a_scene_the_tab_says_what_is_missing(networks: Networks) -> None:
    assert refreshed(networks, None, None, GOOD)[1] == NO_SCENE
    with pytest.raises(gr.Error, match="64 pixels"):
        next(embed(networks, None, GOOD))


def test_networks_run_one_by_one_while_somebody_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coo_callbacks, "PIECE", 0.0)
    ran: list[str] = []

    def load(name: str) -> nn.Module:
        ran.append(name)
        return Zoo(()).load(BICUBIC)

    names = [f"network-{i}" for i in range(3)]
    networks = Networks(Zoo(()), names, load)
    place = cut_scene(scene.hr, 0.5, 0.5)
    pieces = refresh(networks, place, None, replace(GOOD, models=names))
    next(pieces), next(pieces)
    pieces.close()
    assert ran == names[:1]
    assert refreshed(networks, place, None, replace(GOOD, models=names))[2].count("<tr") == 5
    assert set(ran) == {*names, BICUBIC}
    assert len(list(refresh(networks, place, None, replace(GOOD, models=names)))) == 1, "nothing is left to run"


def test_a_map_is_shown_with_the_vectors_it_is_of_and_no_others(networks: Networks, scene: Scene) -> None:
    settings = GOOD.settings
    known = Map(settings.key(scene), np.random.default_rng(0).normal(size=(224, 2)), "a caption")
    data, status, *_ = refreshed(networks, scene, known, GOOD)
    assert status == "a caption" and len(data["hr"]["xy"]) == 200
    for change in ({"space": RAW}, {"count": 300}, {"seed": 1}):
        assert refreshed(networks, scene, known, replace(GOOD, **change))[0]["hr"]["xy"] is None
    more = refreshed(networks, scene, known, replace(GOOD, neighbours=9))[0]
    assert more["hr"]["xy"] is not None and len(more["series"][0]["neighbours"][0]) == 9
    elsewhere = cut_scene(sample_photo(96, 96, seed=1), 0.5, 0.5)
    assert refreshed(networks, elsewhere, known, GOOD)[0]["hr"]["xy"] is None


def test_the_table_has_hr_itself_as_the_yardstick(networks: Networks, scene: Scene) -> None:
    found = compute_coo(networks.load, scene, GOOD.settings)
    table = coo_table(found)
    assert table.count("<tr") == 3 and table.index("bicubic") < table.index("HR itself")
    assert f"{found.icoo[BICUBIC]:.2f}" in table and f"{found.floor:.2f}" in table
    assert f"**bicubic** {found.distances[BICUBIC].between} of 12" in coo_sentence(found)


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
    figure = embedding_figure(np.arange(10.0).reshape(5, 2), 3, 1, ["a network"], "title")
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["HR", "a network", "ground truth"]
