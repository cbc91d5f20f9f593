"""The playground's callbacks: hostile values, and who may change a run."""

import math
from typing import Any

import gradio as gr
import pytest
import torch

from decloss.ui.playground import callbacks
from decloss.ui.playground.words import DEFAULTS, PRESETS
from decloss.views.toy.training import L1, advance, start_run


def values(**changed: Any) -> tuple[Any, ...]:
    return tuple({**DEFAULTS, "steps": 10, **changed}.values())


@pytest.mark.parametrize(
    "bad",
    [
        *({name: value} for name in ("modes", "share", "eta", "tpos") for value in (math.nan, None, "3", True, 1e9)),
        {"loss": ["MSE"]}, {"loss": "GAN"}, {"kind": None}, {"patch": 8}, {"reading": "both"}, {"start": ""},
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_a_sentence(bad: dict[str, Any]) -> None:
    with pytest.raises(gr.Error, match="must be"):
        next(callbacks.play(None, *values(**bad)))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_read_as_it_stands(name: str) -> None:
    chosen = {**DEFAULTS, **PRESETS[name]}
    assert chosen.keys() == DEFAULTS.keys()
    problem, objective, _ = callbacks.read(tuple(chosen.values()))
    assert problem.first == chosen["share"] and objective.loss == chosen["loss"]


def test_a_share_that_leaves_a_mode_no_picture_is_cut() -> None:
    assert callbacks.read(values(modes=6, share=23))[0].counts == [19, 1, 1, 1, 1, 1]


def test_a_training_that_lost_its_turn_ends_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "PIECE_SECONDS", 0.0)
    playing = callbacks.play(None, *values(steps=100))
    session = next(playing)[0]
    next(playing)
    kept = session.run
    assert kept.step == callbacks.PIECE_STEPS
    paused = callbacks.pause(session, *values(steps=100))
    assert "Paused at step 5." in paused[-1]
    # Its last look may reach the page after the pause: its last word is what the pause showed.
    (word,) = playing
    assert word[0] is session and word[-1] == paused[-1] and session.run is kept
    other = callbacks.play(session, *values(steps=100))
    next(other), next(callbacks.play(session, *values(steps=100)))
    assert list(other) == [] and session.run is kept, "the training that has the turn speaks for itself"
    # Closed in the middle, as by a closed tab, it leaves the last whole run; what goes on from there is as in one go.
    again = callbacks.play(session, *values(steps=20))
    next(again), next(again), again.close()
    assert session.run.step == 10
    assert callbacks.one_step(session, *values())[0].run.step == 11
    problem, objective, _ = callbacks.read(values())
    whole = advance(start_run(problem), objective, 11)
    assert all(torch.equal(a, b) for a, b in zip(whole.weights, session.run.weights, strict=True))


def test_a_late_change_does_not_pause_the_training_that_has_it_but_another_does() -> None:
    playing = callbacks.play(None, *values(eta=3.0))
    session = next(playing)[0]
    turn = session.turn
    callbacks.changed(session, *values(eta=3.0))
    assert session.turn == turn
    shown = callbacks.changed(session, *values(eta=4.0))
    (word,) = playing
    assert word[-1] == shown[-1] and session.run.step == 0


def test_another_problem_starts_anew_and_another_loss_goes_on() -> None:
    session = callbacks.one_step(None, *values())[0]
    assert callbacks.one_step(session, *values(loss=L1))[0].run.step == 2
    assert callbacks.one_step(session, *values(loss=L1, noise=1.0))[0].run.step == 1
    assert callbacks.reset(session, *values(noise=1.0))[0].run.step == 0


def test_a_run_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "MOST_STEPS", 15)
    *_, last = callbacks.play(None, *values())
    with pytest.raises(gr.Error, match="at most 15 steps"):
        next(callbacks.play(last[0], *values()))
