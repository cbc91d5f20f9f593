"""The playground's callbacks: hostile values, and who may change a run."""

import math
from typing import Any

import gradio as gr
import pytest
import torch

from decloss.ui.parts.controls import checked, declared
from decloss.ui.playground import callbacks
from decloss.ui.playground.controls import PRESETS, Controls
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
    playing = callbacks.play(None, controls(steps=100))
    toy_run = next(playing)[0]
    next(playing)
    kept = toy_run.run
    assert kept.step == callbacks.PIECE_STEPS
    paused = callbacks.pause(toy_run, controls(steps=100))
    assert "Paused at step 5." in paused[-1]
    # Its last picture may reach the page after the pause: its last word is what the pause showed.
    (word,) = playing
    assert word[0] is toy_run and word[-1] == paused[-1] and toy_run.run is kept
    other = callbacks.play(toy_run, controls(steps=100))
    next(other), next(callbacks.play(toy_run, controls(steps=100)))
    assert list(other) == [] and toy_run.run is kept, "the training that has the turn speaks for itself"
    # Closed in the middle, as by a closed tab, it leaves the last whole run; what goes on from there is as in one go.
    again = callbacks.play(toy_run, controls(steps=20))
    next(again), next(again), again.close()
    assert toy_run.run.step == 10
    assert callbacks.one_step(toy_run, controls())[0].run.step == 11
    whole = advance(start_run(controls().problem), controls().objective, 11)
    assert all(torch.equal(a, b) for a, b in zip(whole.weights, toy_run.run.weights, strict=True))


def test_a_late_change_does_not_pause_the_training_that_has_it_but_another_does() -> None:
    playing = callbacks.play(None, controls(eta=3.0))
    toy_run = next(playing)[0]
    turn = toy_run.turn
    callbacks.pause_if_changed(toy_run, controls(eta=3.0))
    assert toy_run.turn == turn
    shown = callbacks.pause_if_changed(toy_run, controls(eta=4.0))
    (word,) = playing
    assert word[-1] == shown[-1] and toy_run.run.step == 0


def test_another_problem_starts_anew_and_another_loss_goes_on() -> None:
    toy_run = callbacks.one_step(None, controls())[0]
    assert callbacks.one_step(toy_run, controls(loss=L1))[0].run.step == 2
    assert callbacks.one_step(toy_run, controls(loss=L1, noise=1.0))[0].run.step == 1
    assert callbacks.reset(toy_run, controls(noise=1.0))[0].run.step == 0


def test_a_run_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "MOST_STEPS", 15)
    *_, last = callbacks.play(None, controls())
    with pytest.raises(gr.Error, match="at most 15 steps"):
        next(callbacks.play(last[0], controls()))
