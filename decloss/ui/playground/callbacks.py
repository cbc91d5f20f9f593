"""What the COO playground does: its values checked, pieces of training, and what there is to see of a run."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from decloss.ui.parts.checks import check_choice, check_count, check_number
from decloss.ui.playground.view import SEEN, see
from decloss.ui.playground.words import DEFAULTS, PRESETS
from decloss.views.toy.problem import MEAN, MODES, PICTURES, PLAIN, SHIFTED, TURNED, Problem
from decloss.views.toy.training import PATCH_SIZES, TOY_LOSSES, Run, ToyObjective, advance, start_run

SHARES, NOISES, SEEDS, STEPS = (1, PICTURES - 1), (0, 4), (0, 99), (10, 1000)
PIXELS, ALPHAS, ETAS, TEMPERATURES, RATES = (0, 400), (0.25, 4), (-20, 40), (0.05, 8), (0.0005, 0.02)
READINGS = ("outside", "inside")
MOST_STEPS = 5000
"""Of one run; then it must be reset."""
PIECE_SECONDS, PIECE_STEPS = 0.25, 5
"""A piece of training between two looks at it."""


class Session:
    """A visitor's run. Who trains takes the turn, and what was still training has no way to change the run then."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.turn = 0
        self.training: tuple[Problem, ToyObjective] | None = None
        self.answer: tuple[int, tuple[Any, ...]] | None = None
        """What the last turn that was no training showed, and which turn that was."""
        self._lock = threading.Lock()

    def take(self, training: tuple[Problem, ToyObjective] | None = None) -> int:
        """A new turn, the only one that may store, and what it will train if it is a longer one."""
        with self._lock:
            self.turn += 1
            self.training = training
            return self.turn

    def store(self, turn: int, run: Run) -> bool:
        """Keep ``run`` if it is still this turn; whether it was."""
        with self._lock:
            if turn == self.turn:
                self.run = run
            return turn == self.turn


def read(values: tuple[Any, ...]) -> tuple[Problem, ToyObjective, int]:
    """The controls' values, in the order of ``DEFAULTS``, as what they mean; a ``gr.Error`` for nonsense."""
    v = dict(zip(DEFAULTS, values, strict=True))
    counts = {
        "modes": ("The number of modes", *MODES),
        "share": ("The pictures of the first mode", *SHARES),
        "seed": ("The seed", *SEEDS),
        "steps": ("The number of steps", *STEPS),
    }
    numbers = {
        "noise": ("The noise", *NOISES),
        "pixel": ("The weight of L1", *PIXELS),
        "alpha": ("α", *ALPHAS),
        "eta": ("η", *ETAS),
        "tpos": ("t_pos", *TEMPERATURES),
        "tneg": ("t_neg", *TEMPERATURES),
        "lr": ("The step size", *RATES),
    }
    modes, share, seed, steps = (check_count(v[name], *limits) for name, limits in counts.items())
    n = {name: check_number(v[name], *limits) for name, limits in numbers.items()}
    choices = {
        "kind": ("The kind of modes", (TURNED, SHIFTED)),
        "start": ("The start", (PLAIN, MEAN)),
        "loss": ("The loss", TOY_LOSSES),
        "patch": ("The mini-patch", tuple(map(str, PATCH_SIZES))),
        "reading": ("The temperatures", READINGS),
    }
    c = {name: check_choice(v[name], *allowed) for name, allowed in choices.items()}
    first = min(share, PICTURES + 1 - modes)  # every mode keeps a picture
    problem = Problem(c["kind"], modes, first, n["noise"], c["start"], seed)
    temperatures = (c["reading"], n["tpos"], n["tneg"])
    objective = ToyObjective(c["loss"], n["pixel"], n["alpha"], n["eta"], *temperatures, int(c["patch"]), n["lr"])
    return problem, objective, steps


def equal_share(modes: float) -> int:
    """Pictures of the first mode when all are equally frequent."""
    return round(PICTURES / check_count(modes, "The number of modes", *MODES))


def play(session: Session | None, *values: Any) -> Iterator[tuple[Any, ...]]:
    """Train in pieces; yields (session, *seen) after each, until the steps are done or somebody else has the turn."""
    problem, objective, steps = read(values)
    session, turn = _take_turn(session, problem, objective)
    run = session.run
    if run.step + steps > MOST_STEPS:
        raise gr.Error(f"A run has at most {MOST_STEPS} steps: reset it first.")
    last = run.step + steps
    yield session, *see(run, objective, f"Step {run.step} of {last} …")
    while run.step < last:
        until = time.monotonic() + PIECE_SECONDS
        while True:
            run = advance(run, objective, min(PIECE_STEPS, last - run.step))
            if run.step == last or time.monotonic() >= until:
                break
        if not session.store(turn, run):
            yield from _last_word(session)
            return
        seen = see(run, objective, f"Step {run.step} of {last} …" if run.step < last else f"Done: {run.step} steps.")
        if session.turn != turn:
            yield from _last_word(session)
            return
        yield session, gr.skip(), *seen[1:]


def play_preset(name: str, session: Session | None) -> Iterator[tuple[Any, ...]]:
    """Set a preset's values, begin anew, and train; yields (*values, session, *seen)."""
    values = tuple({**DEFAULTS, **PRESETS[name]}.values())
    session, *seen = reset(session, *values)
    yield *values, session, *seen
    for given in play(session, *values):
        yield *(gr.skip() for _ in values), *given


def one_step(session: Session | None, *values: Any) -> tuple[Any, ...]:
    """Train one step."""
    problem, objective, _ = read(values)
    session, turn = _take_turn(session, problem)
    run = advance(session.run, objective, 1)
    session.store(turn, run)
    return _answer(session, turn, run, objective)


def reset(session: Session | None, *values: Any) -> tuple[Any, ...]:
    """An untrained network."""
    problem, objective, _ = read(values)
    session, turn = _take_turn(session, problem)
    run = start_run(problem)
    session.store(turn, run)
    return _answer(session, turn, run, objective)


def pause(session: Session | None, *values: Any) -> tuple[Any, ...]:
    """What there is, with the settings as they are now; a new network if the problem has changed."""
    problem, objective, _ = read(values)
    session, turn = _take_turn(session, problem)
    return _answer(session, turn, session.run, objective)


def changed(session: Session | None, *values: Any) -> tuple[Any, ...]:
    """Pause, since a control was changed; not where a training with the changed values was started meanwhile."""
    problem, objective, _ = read(values)
    if session is not None and session.training == (problem, objective):
        return (gr.skip(),) * (1 + SEEN)
    return pause(session, *values)


def look(session: Session | None, *values: Any) -> tuple[Any, ...]:
    """The same where the tab has just been opened; nothing changes where it was seen before."""
    problem, _, _ = read(values)
    if session is not None and session.run.problem == problem:
        return (gr.skip(),) * (1 + SEEN)
    return pause(session, *values)


def _answer(session: Session, turn: int, run: Run, objective: ToyObjective) -> tuple[Any, ...]:
    """What a turn that is no training shows in the end."""
    seen = tuple(see(run, objective, _paused(run)))
    session.answer = (turn, seen)
    return session, *seen


def _last_word(session: Session) -> Iterator[tuple[Any, ...]]:
    """Of a training that lost its turn: what is shown now, since its last look may have come later than that."""
    answer = session.answer
    if answer is not None and answer[0] == session.turn:
        yield session, *answer[1]


def _take_turn(session: Session | None, problem: Problem, training: ToyObjective | None = None) -> tuple[Session, int]:
    """The session, its run one of ``problem``, and a turn that ends whatever trained in it before."""
    session = session or Session(start_run(problem))
    turn = session.take((problem, training) if training else None)
    if session.run.problem != problem:
        session.store(turn, start_run(problem))
    return session, turn


def _paused(run: Run) -> str:
    return f"Paused at step {run.step}." if run.step else "Ready: press Play."


def _continued(run: Run | None, problem: Problem, steps: int) -> Run:
    if run is None or run.problem != problem:
        return start_run(problem)
    if run.step + steps > MOST_STEPS:
        raise gr.Error(f"A run has at most {MOST_STEPS} steps: reset it first.")
    return run
