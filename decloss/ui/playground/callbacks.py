"""What the COO playground does when something is clicked: it trains in pieces, and shows the run."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from decloss.ui.parts.controls import declared
from decloss.ui.parts.panel import Panel
from decloss.ui.playground.controls import Controls
from decloss.ui.playground.view import draw_run
from decloss.views.toy.problem import PICTURES, Problem
from decloss.views.toy.training import Run, ToyObjective, advance, start_run

MOST_STEPS = 5000
"""The most steps of one run, which must then be reset."""
PIECE_SECONDS, PIECE_STEPS = 0.25, 5
"""The seconds of training between two drawings, and the steps between two looks at the clock."""
NOTHING_NEW = (gr.skip(),) * 8
"""Updates that change nothing, for the run and for all that ``draw_run`` returns."""


class ToyRun:
    """A visitor's run. Whoever trains takes the turn, and a training that began earlier cannot change it any more."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.turn = 0
        self.training: tuple[Problem, ToyObjective] | None = None
        self.answer: tuple[int, tuple[Any, ...]] | None = None
        """The last turn that was no training, and what it showed."""
        self._lock = threading.Lock()

    def take(self, training: tuple[Problem, ToyObjective] | None = None) -> int:
        """Begin a turn, which alone may store from now on, and note what it trains, if anything; return its number."""
        with self._lock:
            self.turn += 1
            self.training = training
            return self.turn

    def store(self, turn: int, run: Run) -> bool:
        """Keep ``run`` if ``turn`` is still the last one, and return whether it is."""
        with self._lock:
            if turn == self.turn:
                self.run = run
            return turn == self.turn


def equal_share(modes: Any) -> int:
    """Return the number of pictures of the first mode when all modes are equally frequent."""
    return round(PICTURES / declared(Controls)["modes"].check(modes))


def play(toy_run: ToyRun | None, controls: Controls) -> Iterator[tuple[Any, ...]]:
    """Train in pieces until all is done or another has the turn; after each yield (its run, *``draw_run``'s values)."""
    problem, objective = controls.problem, controls.objective
    toy_run, turn = _take_turn(toy_run, problem, objective)
    run = toy_run.run
    last = run.step + controls.steps
    if last > MOST_STEPS:
        raise gr.Error(f"A run has at most {MOST_STEPS} steps: reset it first.")
    yield toy_run, *draw_run(run, objective, f"Step {run.step} of {last} …")
    while run.step < last:
        until = time.monotonic() + PIECE_SECONDS
        while True:
            run = advance(run, objective, min(PIECE_STEPS, last - run.step))
            if run.step == last or time.monotonic() >= until:
                break
        if not toy_run.store(turn, run):
            yield from _last_word(toy_run)
            return
        note = f"Step {run.step} of {last} …" if run.step < last else f"Done: {run.step} steps."
        _, *drawn = draw_run(run, objective, note)  # the pictures of the modes stay as they are
        if toy_run.turn != turn:
            yield from _last_word(toy_run)
            return
        yield toy_run, gr.skip(), *drawn


def play_preset(panel: Panel[Controls], preset: Controls, toy_run: ToyRun | None) -> Iterator[tuple[Any, ...]]:
    """Set a preset's values, begin anew, and train; yield (*all values, its run, *values of ``draw_run``)."""
    values = panel.shown(preset)
    toy_run, *drawn = reset(toy_run, preset)
    yield *values, toy_run, *drawn
    for given in play(toy_run, preset):
        yield *(gr.skip() for _ in values), *given


def one_step(toy_run: ToyRun | None, controls: Controls) -> tuple[Any, ...]:
    """Train one step; return the run and the values of ``draw_run``, as the next functions do."""
    toy_run, turn = _take_turn(toy_run, controls.problem)
    run = advance(toy_run.run, controls.objective, 1)
    toy_run.store(turn, run)
    return _answer(toy_run, turn, run, controls.objective)


def reset(toy_run: ToyRun | None, controls: Controls) -> tuple[Any, ...]:
    """Begin anew with an untrained network."""
    toy_run, turn = _take_turn(toy_run, controls.problem)
    run = start_run(controls.problem)
    toy_run.store(turn, run)
    return _answer(toy_run, turn, run, controls.objective)


def pause(toy_run: ToyRun | None, controls: Controls) -> tuple[Any, ...]:
    """End any training, and show the run with the present settings; begin anew if the problem has changed."""
    toy_run, turn = _take_turn(toy_run, controls.problem)
    return _answer(toy_run, turn, toy_run.run, controls.objective)


def pause_if_changed(toy_run: ToyRun | None, controls: Controls) -> tuple[Any, ...]:
    """Pause since a control was changed, unless a training with the changed values was started meanwhile."""
    if toy_run is not None and toy_run.training == (controls.problem, controls.objective):
        return NOTHING_NEW
    return pause(toy_run, controls)


def pause_if_new(toy_run: ToyRun | None, controls: Controls) -> tuple[Any, ...]:
    """Show the run in a tab that was just opened; change nothing if it has one of the present problem already."""
    if toy_run is not None and toy_run.run.problem == controls.problem:
        return NOTHING_NEW
    return pause(toy_run, controls)


def _answer(toy_run: ToyRun, turn: int, run: Run, objective: ToyObjective) -> tuple[Any, ...]:
    """Return what a turn that is no training shows in the end, and remember it."""
    note = f"Paused at step {run.step}." if run.step else "Ready: press Play."
    drawn = draw_run(run, objective, note)
    toy_run.answer = (turn, drawn)
    return toy_run, *drawn


def _last_word(toy_run: ToyRun) -> Iterator[tuple[Any, ...]]:
    """Yield what is shown now again: the last picture of a training that lost its turn may have come later."""
    answer = toy_run.answer
    if answer is not None and answer[0] == toy_run.turn:
        yield toy_run, *answer[1]


def _take_turn(toy_run: ToyRun | None, problem: Problem, training: ToyObjective | None = None) -> tuple[ToyRun, int]:
    """Return the visitor's run, made one of ``problem``, and a turn, which ends whatever trained in it before."""
    toy_run = toy_run or ToyRun(start_run(problem))
    turn = toy_run.take((problem, training) if training else None)
    if toy_run.run.problem != problem:
        toy_run.store(turn, start_run(problem))
    return toy_run, turn
