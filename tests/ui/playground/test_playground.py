"""The playground's callbacks: hostile values, and who may change a run."""

import base64
import json
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch

from decloss.ui.parts.controls import checked, declared
from decloss.ui.playground import callbacks, view
from decloss.ui.playground.controls import PRESETS, Controls
from decloss.views.toy.measures import rms_distance
from decloss.views.toy.training import L1, advance, start_run


def controls(**changed: Any) -> Controls:
    return checked(Controls, **{"steps": 10, **changed})


@pytest.mark.parametrize(
    "bad",
    [
        *({name: bad} for name in ("modes", "first_mode", "eta", "t_pos") for bad in (math.nan, None, "3", True, 1e9)),
        {"loss": ["MSE"]}, {"loss": "GAN"}, {"kind": None}, {"patch_size": 8}, {"temperature": "both"}, {"start": ""},
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_a_sentence(bad: dict[str, Any]) -> None:
    with pytest.raises(gr.Error, match="must be"):
        controls(**bad)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_read_as_it_stands(name: str) -> None:
    chosen = PRESETS[name]
    shown = {key: control.shown(getattr(chosen, key)) for key, control in declared(Controls).items()}
    assert checked(Controls, **shown) == chosen and chosen.problem.first == chosen.first_mode


def test_a_share_that_leaves_a_mode_no_picture_is_cut() -> None:
    assert controls(modes=6, first_mode=23).problem.counts == [19, 1, 1, 1, 1, 1]


def test_a_training_that_lost_its_turn_ends_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "PIECE_SECONDS", 0.0)
    playing = callbacks.play(None, None, controls(steps=100))
    toy_run, shown = next(playing)
    kept = toy_run.run
    assert kept.step == shown["at"] == callbacks.PIECE_STEPS and shown["last"] == 100
    _, paused = callbacks.pause(toy_run, 3, controls(steps=100))
    assert paused["at"] == 3 and paused["last"] is None and paused["turn"] > shown["turn"]
    assert list(playing) == [] and toy_run.run is kept
    # Closed in the middle, as by a closed tab, it leaves the last whole run.
    again = callbacks.play(toy_run, 3, controls(steps=20))
    next(again), again.close()
    assert toy_run.run.step == 8


def test_after_a_pause_it_goes_on_from_the_step_that_was_seen_as_in_one_go() -> None:
    *_, (toy_run, shown) = callbacks.play(None, None, controls(steps=20))
    assert toy_run.run.step == shown["at"] == 20
    callbacks.pause(toy_run, 7, controls(steps=20))
    assert callbacks.one_step(toy_run, 7, controls(loss=L1))[0].run.step == 8
    whole = advance(advance(start_run(controls().problem), controls().objective, 7), controls(loss=L1).objective, 1)
    assert all(torch.equal(a, b) for a, b in zip(whole.weights, toy_run.run.weights, strict=True))


@pytest.mark.parametrize("seen", [None, "3", True, math.nan, math.inf, -1, 1e9, [3], {}])
def test_a_step_that_no_page_shows_is_taken_for_all_of_the_run(seen: Any) -> None:
    *_, (toy_run, _) = callbacks.play(None, None, controls())
    assert callbacks.pause(toy_run, seen, controls())[1]["at"] == 10


def test_a_late_change_does_not_pause_the_training_that_has_it_but_another_does() -> None:
    playing = callbacks.play(None, None, controls(eta=3.0, steps=500))
    toy_run = next(playing)[0]
    turn = toy_run.turn
    callbacks.pause_if_changed(toy_run, 2, controls(eta=3.0, steps=500))
    assert toy_run.turn == turn
    callbacks.pause_if_changed(toy_run, 2, controls(eta=4.0))
    assert list(playing) == [] and toy_run.at == 2


def test_steps_alone_are_a_change_too_and_the_preset_is_not_marked_any_more() -> None:
    *_, (toy_run, _) = callbacks.play(None, None, controls())
    assert callbacks.pause_if_changed(toy_run, 10, controls()) == callbacks.NOTHING_NEW
    preset = next(iter(PRESETS.values()))
    *_, (toy_run, shown) = callbacks.play(toy_run, 10, preset)
    assert shown["preset"] == 0
    assert callbacks.pause_if_changed(toy_run, shown["at"], replace(preset, steps=90))[1]["preset"] is None
    playing = callbacks.play(toy_run, shown["at"], controls(steps=500))
    next(playing)
    callbacks.pause_if_changed(toy_run, shown["at"], controls(steps=490))
    assert list(playing) == [], "the server stops where the page has stopped"


def test_a_tab_that_is_opened_with_other_controls_says_so() -> None:
    toy_run, shown = callbacks.pause(None, None, controls(eta=3.0))
    assert "at η = 3 dB" in shown["pairs"] and callbacks.pause_if_new(toy_run, controls(eta=3.0)) == (gr.skip(),) * 2
    assert "at η = 12 dB" in callbacks.pause_if_new(toy_run, controls())[1]["pairs"]


def test_a_pause_right_after_a_preset_s_first_answer_ends_its_training() -> None:
    preset = replace(next(iter(PRESETS.values())), steps=20)
    panel: Any = SimpleNamespace(shown=lambda values: [values.eta])
    training = callbacks.play_preset(panel, preset, None)
    _, toy_run, shown = next(training)
    assert (shown["at"], shown["since"], shown["last"]) == (0, 0, 20), "the page waits for its steps"
    callbacks.pause(toy_run, 0, preset)
    assert list(training) == [] and toy_run.run.step == 0
    *_, last = callbacks.play_preset(panel, preset, toy_run)
    assert last[2]["at"] == last[2]["last"] == 20


def test_the_curve_of_icoo_begins_where_the_run_begins_however_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOMENTS", 4)
    *_, (toy_run, _) = callbacks.play(None, None, controls(steps=100))
    steps = [step for step, _ in view.stage(toy_run.run, controls(), 100)["icoo"]]
    assert steps[0] == 0 and steps[-1] == 90 and len(steps) <= 5


def test_the_page_gets_what_the_library_computes_and_not_too_much_of_it() -> None:
    *_, (toy_run, shown) = callbacks.play(None, None, controls(steps=300))
    run = toy_run.run
    assert shown["steps"][0] == 0 and shown["steps"][-1] == 300 and len(shown["steps"]) <= 102
    assert len(json.dumps(shown)) < 200_000
    middle = shown["steps"].index(150)
    expected = rms_distance(run.data.modes, run.output_at(150)).tolist()
    assert shown["to_modes"][middle] == pytest.approx(expected, abs=1e-4)
    assert shown["loss"][middle] == pytest.approx(run.history[150].loss, abs=1e-6) and shown["loss"][-1] is None
    levels = np.frombuffer(base64.b64decode(shown["pictures"][-1]), np.uint8).reshape(24, 24)
    assert np.abs(levels / 255 - run.output()[0, 0].numpy().clip(0, 1)).max() < 0.003


def test_the_preset_that_the_controls_make_is_marked() -> None:
    for number, preset in enumerate(PRESETS.values()):
        assert callbacks.reset(None, None, preset)[1]["preset"] == number
    assert callbacks.reset(None, None, controls(eta=3.0))[1]["preset"] is None


def test_another_problem_starts_anew_and_another_loss_goes_on() -> None:
    toy_run = callbacks.one_step(None, None, controls())[0]
    assert callbacks.one_step(toy_run, None, controls(loss=L1))[0].run.step == 2
    assert callbacks.one_step(toy_run, None, controls(loss=L1, noise=1.0))[0].run.step == 1
    assert callbacks.reset(toy_run, None, controls(noise=1.0))[0].run.step == 0


def test_a_run_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "MOST_STEPS", 15)
    *_, last = callbacks.play(None, None, controls())
    with pytest.raises(gr.Error, match="at most 15 steps"):
        next(callbacks.play(last[0], None, controls()))
    run = last[0]
    while run.run.step < 15:
        run = callbacks.one_step(run, None, controls())[0]
    with pytest.raises(gr.Error, match="at most 15 steps"):
        callbacks.one_step(run, None, controls())
