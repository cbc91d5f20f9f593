"""The weights' buttons, and the form's settings as a text that is kept, saved and loaded."""

import json
import re
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from conftest import ROOT, sample_photo

from decloss.files.images import encode_png
from decloss.ui.finetune.before_now import WINDOW, pair, place_that_differs
from decloss.ui.finetune.form import Controls, Form
from decloss.ui.finetune.presets import FIRST, FIRST_WEIGHTS, PRESETS
from decloss.ui.finetune.saved import KIND, MOST_BYTES, keep_script, read_saved, save_script, show_saved
from decloss.ui.parts.controls import declared

STARTS = ["edsr-l1", "mine-abcdef"]


@pytest.fixture(scope="module")
def form() -> Form:
    with gr.Blocks():
        return Form(STARTS)


def as_saved(**settings: Any) -> str:
    return json.dumps({"kind": KIND, "settings": settings})


# The buttons.


def test_the_buttons_weights_are_those_that_the_experiments_chose() -> None:
    chosen = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    held = re.search(r"\| ω₁ beside VGG \| (\d+), for ω₂ = (\d+) ", chosen)
    assert held and re.search(r"\| ω₃ \| a tenth of ω₁", chosen)
    l1, vgg = float(held[1]), float(held[2])
    assert {name: preset.weights for name, preset in PRESETS.items()} == {
        "pixel": (l1, 0, 0), "dec": (l1, 0, l1 / 10), "vgg-dec": (l1, vgg, l1 / 10),
    }  # fmt: skip
    assert [preset.title for preset in PRESETS.values()] == ["pixel loss", "+ DECLoss", "+ VGG + DECLoss"]


def test_the_form_begins_with_the_weights_of_the_button_that_is_pressed(form: Form) -> None:
    values = tuple(form.panel[name].value for name in ("l1_weight", "perceptual_weight", "dec_weight"))
    assert [name for name, preset in PRESETS.items() if preset.weights == values] == [FIRST]
    assert form.preset.value == FIRST


# Settings as a text.


def test_what_is_saved_is_read_again_and_what_is_missing_is_as_the_page_begins() -> None:
    settings = {
        **FIRST_WEIGHTS,
        "start": "mine-abcdef",
        "steps": 40,
        "l1_weight": 3,
        "patch_size": "4",
        "eta_by": "dB",
        "eta": -5.5,
    }
    assert read_saved(as_saved(**settings), STARTS) == Controls(**settings)
    assert read_saved(as_saved(), STARTS) == Controls(STARTS[0], **FIRST_WEIGHTS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "no text"), (7, "no text"), (["x"], "no text"), ("", "no JSON"), ("{", "line 1: "),
        ("[]", "does not say"),
        ('{"kind": "x", "settings": {}}', "does not say"), (json.dumps({"kind": KIND}), "does not say"),
        (json.dumps({"kind": KIND, "settings": {}, "more": 1}), "does not say"),
        (json.dumps({"kind": KIND, "settings": [1]}), "no object"),
        (as_saved(stepps=3), "no setting 'stepps'; there are start, "),
        (as_saved(steps=2001), "steps must be from 1 to 2000"), (as_saved(steps="40"), "must be a number"),
        (as_saved(steps=True), "must be a number"), (as_saved(start="../x"), "start must be one of: edsr-l1"),
        (as_saved(start=["edsr-l1"]), "start must be one of"),
        (as_saved(l1_weight=0, dec_weight=0), "very weight is zero"),
        (as_saved(patch_size=8), "P must be one of"), (as_saved(crop=17, patch_size="8"), "do not divide"),
        (as_saved(eta=1).replace("1}", "NaN}"), "NaN is not a number"),
        (as_saved(eta=1).replace("1}", "1e999}"), "not finite"),
        (as_saved(steps=3).replace('"steps"', '"steps": 4, "steps"'), "names a thing twice"),
        ("[" * 5000 + "]" * 5000, "more than"), ("[" * 3000, "nested too deep"), ('"\\ud800"', "no JSON"),
        (as_saved(start="x" * MOST_BYTES), f"more than {MOST_BYTES} bytes"), ("é" * (MOST_BYTES // 2 + 1), "more than"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_any_other_text_is_refused_in_a_sentence_that_says_why(text: Any, why: str) -> None:
    with pytest.raises(gr.Error) as error:
        read_saved(text, STARTS)
    assert why in error.value.message and re.fullmatch(r"These settings cannot be used: [^\n]+\.", error.value.message)


def test_a_file_s_faults_are_told_and_what_the_browser_kept_is_left_out_without_a_word(form: Form) -> None:
    *values, said = show_saved(form, {"text": as_saved(steps=40), "kept": False}, STARTS)
    assert dict(zip(form.panel.controls, values, strict=True))["steps"] == 40 and said == "The settings are loaded."
    assert show_saved(form, {"text": as_saved(steps=40), "kept": True}, STARTS)[-1] == gr.skip()
    for sent in ({"text": as_saved(steps=0), "kept": True}, {"text": None, "kept": True}):
        assert show_saved(form, sent, STARTS) == [gr.skip()] * (len(form.panel.controls) + 1)
    for wrong in (None, 7, [], {}, {"text": "{"}, {"text": as_saved(steps=0), "kept": 1}):
        with pytest.raises(gr.Error, match="cannot be used"):
            show_saved(form, wrong, STARTS)


def test_the_page_s_scripts_name_every_control_in_its_order(form: Form) -> None:
    names = json.dumps(list(declared(Controls)))
    for script in (save_script(form), keep_script(form)):
        assert names in script and json.dumps(KIND) in script


# Before and now.


def test_the_slider_looks_where_the_two_pictures_differ_most(tmp_path: Path) -> None:
    before = np.full((256, 256, 3), 100, np.uint8)
    now = before.copy()
    now[150:190, 30:70] = 200
    x, y = place_that_differs(before, now)
    reach = 100 * WINDOW / 2 / 256
    assert abs(x - 100 * 50 / 256) <= reach and abs(y - 100 * 170 / 256) <= reach
    assert place_that_differs(before, before) == (50, 50) and place_that_differs(before, now[:99]) == (50, 50)
    assert pair([]) is None
    for step in (0, 10):
        (tmp_path / f"{step:08d}.png").write_bytes(encode_png(sample_photo(32, 32, seed=step)))
    found = pair(sorted(tmp_path.iterdir()))
    assert found and found["steps"] == [0, 10] and found["before"]["meta"] == {"_type": "gradio.FileData"}
    assert str(tmp_path) not in found["now"]["path"]  # the page serves copies only
