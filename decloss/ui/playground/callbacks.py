"""What the COO playground does when something is clicked: it trains ahead of what the page shows, and tells it all."""

import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import gradio as gr

from decloss.ui.parts.controls import declared
from decloss.ui.parts.panel import Panel
from decloss.ui.playground.controls import Controls
from decloss.ui.playground.view import stage
from decloss.views.toy.problem import PICTURES
from decloss.views.toy.training import Run, ToyObjective, advance, start_run

MOST_STEPS = 5000
"""The most steps of one run, which must then be reset."""
PIECE_SECONDS, PIECE_STEPS = 0.25, 5
"""The seconds of training before the page is told for the first time, and the steps between two looks at the clock."""
LONGER = 2.0
"""How many times longer each further piece takes: the page has enough to show meanwhile."""
NOTHING_NEW = (gr.skip(),) * 2
"""Updates that change nothing, for the run and for what the page shows of it."""


class ToyRun:
    """A visitor's run. Whoever trains takes the turn, and a training that began earlier cannot change it any more.

    The page shows a training slower than it is computed. So ``run`` may be further than what the visitor has seen when
    pressing Pause; what follows goes on from the step that was seen, which is computed once more from ``base``.
    """

    def __init__(self, run: Run) -> None:
        self.name = uuid.uuid4().hex
        """It tells the page whether two turns are of one run."""
        self.run = run
        self.base = run
        """The run from which ``run`` was trained with one objective."""
        self.at = run.step
        """The step that was seen last."""
        self.turn = 0
        self.controls: Controls | None = None
        """The controls of the last turn, with which the page shows the run."""
        self._lock = threading.Lock()

    def take(self, seen: Any, controls: Controls) -> int:
        """Begin a turn, which alone may store from now on, with these controls; return its number.

        Args:
            seen: the step that the page shows; the one that was seen last if that is no step which the page can show.
            controls: what is chosen now.
        """
        with self._lock:
            self.turn += 1
            self.controls = controls
            fits = isinstance(seen, int | float) and not isinstance(seen, bool) and self.base.step <= seen <= self.at
            self.at = int(seen) if fits else self.at
            return self.turn

    def start(self, turn: int, run: Run) -> bool:
        """Keep ``run`` as what further training starts from, if ``turn`` is still the last; return whether it is."""
        with self._lock:
            if turn == self.turn:
                self.run = self.base = run
                self.at = run.step
            return turn == self.turn

    def store(self, turn: int, run: Run) -> bool:
        """Keep ``run``, trained on, if ``turn`` is still the last one, and return whether it is."""
        with self._lock:
            if turn == self.turn:
                self.run = run
                self.at = run.step
            return turn == self.turn

    def present(self) -> Run:
        """Return the run as it was at the step that was seen: the same steps make the same weights."""
        run, base, at = self.run, self.base, self.at
        return run if at == run.step else advance(base, base_objective(run, base), at - base.step)


def base_objective(run: Run, base: Run) -> ToyObjective:
    """Return the objective with which ``run`` was trained on from ``base``."""
    return run.history[base.step].objective


def equal_share(modes: Any) -> int:
    """Return the number of pictures of the first mode when all modes are equally frequent."""
    return round(PICTURES / declared(Controls)["modes"].check(modes))


def play(toy_run: ToyRun | None, seen: Any, controls: Controls) -> Iterator[tuple[Any, ...]]:
    """Train until all is done or another has the turn; yield (its run, what the page shows) a few times."""
    toy_run, turn = _take_turn(toy_run, seen, controls)
    run = toy_run.present()
    _require_steps_left(run, controls.steps)
    if toy_run.start(turn, run):
        yield from _train(toy_run, turn, run, controls)


def play_preset(panel: Panel[Controls], preset: Controls, toy_run: ToyRun | None) -> Iterator[tuple[Any, ...]]:
    """Set a preset's values, begin anew, and train; yield (*all values, its run, what the page shows).

    All of it is one turn, so that a Pause counts from the first answer on.
    """
    values = panel.shown(preset)
    toy_run, turn = _take_turn(toy_run, None, preset)
    run = start_run(preset.problem)
    if not toy_run.start(turn, run):
        return
    yield *values, toy_run, _shown(toy_run, turn, run, preset, 0, since=0, last=preset.steps)
    for given in _train(toy_run, turn, run, preset):
        yield *(gr.skip() for _ in values), *given


def _train(toy_run: ToyRun, turn: int, run: Run, controls: Controls) -> Iterator[tuple[Any, ...]]:
    since, last = run.step, run.step + controls.steps
    seconds = PIECE_SECONDS
    while run.step < last:
        until = time.monotonic() + seconds
        seconds *= LONGER
        while toy_run.turn == turn:
            run = advance(run, controls.objective, min(PIECE_STEPS, last - run.step))
            if run.step == last or time.monotonic() >= until:
                break
        if not toy_run.store(turn, run):
            return
        yield toy_run, _shown(toy_run, turn, run, controls, run.step, since=since, last=last)


def _require_steps_left(run: Run, steps: int) -> None:
    if run.step + steps > MOST_STEPS:
        raise gr.Error(f"A run has at most {MOST_STEPS} steps: reset it first.")


def one_step(toy_run: ToyRun | None, seen: Any, controls: Controls) -> tuple[Any, ...]:
    """Train one step; return the run and what the page shows of it, as the next functions do."""
    toy_run, turn = _take_turn(toy_run, seen, controls)
    run = toy_run.present()
    _require_steps_left(run, 1)
    run = advance(run, controls.objective, 1)
    toy_run.start(turn, run)
    return toy_run, _shown(toy_run, turn, run, controls, run.step)


def reset(toy_run: ToyRun | None, seen: Any, controls: Controls) -> tuple[Any, ...]:  # noqa: ARG001 - called alike
    """Begin anew with an untrained network."""
    toy_run, turn = _take_turn(toy_run, None, controls)
    run = start_run(controls.problem)
    toy_run.start(turn, run)
    return toy_run, _shown(toy_run, turn, run, controls, 0)


def pause(toy_run: ToyRun | None, seen: Any, controls: Controls) -> tuple[Any, ...]:
    """End any training, and show the run at the step that was seen; begin anew if the problem has changed."""
    toy_run, turn = _take_turn(toy_run, seen, controls)
    return toy_run, _shown(toy_run, turn, toy_run.run, controls, toy_run.at)


def pause_if_changed(toy_run: ToyRun | None, seen: Any, controls: Controls) -> tuple[Any, ...]:
    """Pause since a control was changed, unless a turn with the changed values was taken meanwhile."""
    if toy_run is not None and toy_run.controls == controls:
        return NOTHING_NEW
    return pause(toy_run, seen, controls)


def pause_if_new(toy_run: ToyRun | None, controls: Controls) -> tuple[Any, ...]:
    """Show the run in a tab that was just opened; change nothing if it is shown with the present controls already."""
    if toy_run is not None and toy_run.controls == controls:
        return NOTHING_NEW
    return pause(toy_run, None, controls)


def _shown(toy_run: ToyRun, turn: int, run: Run, controls: Controls, at: int, **training: int) -> dict[str, Any]:
    """Return what the page shows, with the turn: what an earlier turn tells later is not shown any more."""
    return {"run": toy_run.name, "turn": turn, **stage(run, controls, at, **training)}


def _take_turn(toy_run: ToyRun | None, seen: Any, controls: Controls) -> tuple[ToyRun, int]:
    """Return the visitor's run, made one of the chosen problem, and a turn, which ends whatever trained before."""
    problem = controls.problem
    toy_run = toy_run or ToyRun(start_run(problem))
    turn = toy_run.take(seen, controls)
    if toy_run.run.problem != problem:
        toy_run.start(turn, start_run(problem))
    return toy_run, turn
