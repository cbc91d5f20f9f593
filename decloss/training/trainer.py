"""The training loop: resumable, bit for bit on a CPU. It knows no loss maths and no interface."""

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from decloss.data.crops import check_crop_fits
from decloss.data.pairs import PhotoPairs
from decloss.host.devices import autocast, equal_shapes, resolve_precision
from decloss.losses import Objective
from decloss.training.batches import read_batches
from decloss.training.config import Origin, Recipe, Schedule
from decloss.training.players import Player, Players, moving_average
from decloss.training.processes import Processes
from decloss.training.provenance import training_card
from decloss.training.run_directory import RunDirectory
from decloss.training.watching import Meter, Validation
from decloss.zoo.checkpoint import CheckpointError, load_checkpoint_file, save_checkpoint
from decloss.zoo.registry import card_of

ASK_EVERY = 10
"""The steps between two questions to all processes whether one was told to stop."""


@dataclass(frozen=True)
class Progress:
    """What an observer learns after each step."""

    step: int
    """The steps done, of ``Schedule.steps``."""
    learning_rate: float
    loss: Tensor
    """The loss, a scalar on the device: reading it waits for the step, so read it seldom."""
    parts: dict[str, Tensor]
    """The named terms of the loss before weighting, each a scalar on the device."""


# A function that is called after every step; training stops, saves and returns when it answers True.
Observer = Callable[[Progress], bool]


def learning_rate_at(step: int, schedule: Schedule) -> float:
    """Return the step size: a linear warm-up from zero, then half a cosine to zero; ``step`` counts from 0."""
    warmup = int(schedule.warmup * schedule.steps)
    if step < warmup:
        return schedule.learning_rate * (step + 1) / (warmup + 1)
    share = (step - warmup) / max(1, schedule.steps - warmup)
    return schedule.learning_rate * 0.5 * (1 + math.cos(math.pi * share))


def train(
    model: nn.Module,
    objective: Objective,
    pairs: PhotoPairs,
    recipe: Recipe,
    run: RunDirectory,
    origin: Origin,
    processes: Processes,
    *,
    validation: Validation | None = None,
    observe: Observer = lambda progress: False,
) -> bool:
    """Train ``model`` to the end of ``recipe.schedule``, or from where ``run`` stopped.

    Writes into the run directory: ``metrics.jsonl``, the state to resume from, and a loadable checkpoint each time.

    Returns:
        True when the schedule is finished, False when the observer stopped it.

    Raises:
        ValueError: if a photo is smaller than the crop, or the run's state belongs to another configuration.
        FloatingPointError: if the loss stops being finite; the last checkpoint is kept.
    """
    schedule, device = recipe.schedule, processes.device
    check_crop_fits(pairs, schedule.crop)
    dtype = resolve_precision(schedule.precision, device)
    players = _players(model, objective, schedule, processes)
    run.configure(recipe, origin, pairs.fingerprint, writes=processes.main)
    step, earlier_seconds = run.restore(players, writes=processes.main)
    started, meter = time.monotonic(), Meter(device)
    run_was_finished = step >= schedule.steps  # perhaps it was killed before its checkpoint was written
    stop = False

    def save() -> None:
        if not all(bool(value.isfinite().all()) for value in players.state().values()):
            raise FloatingPointError(f"weights are not finite after step {step}; try a smaller learning rate")
        if processes.main:
            seconds = earlier_seconds + time.monotonic() - started
            card = training_card(recipe, pairs, origin, processes, dtype, step, seconds)
            if _is_kept(step, schedule):  # before the state, since a run that goes on from that is past this step
                save_checkpoint(players.result, run.snapshot_path(recipe.name, step), card, torch.float16)
            run.save(players, step, seconds)
            save_checkpoint(players.result, run.checkpoint_path(recipe.name), card)

    with closing(read_batches(pairs, schedule, step, processes)) as batches:
        for lr, hr in batches:
            rate = learning_rate_at(step, schedule)
            with equal_shapes():
                loss, parts = _step(players, objective, lr, hr, rate, dtype)
            step += 1
            meter.add(step, loss, parts)
            stop = observe(Progress(step, rate, loss, parts)) or stop
            ending = step == schedule.steps
            leave = (processes.count == 1 or step % ASK_EVERY == 0) and processes.any(stop)
            looking = step % schedule.validate_every == 0 or ending
            if step % schedule.log_every == 0 or looking:
                line = meter.line(step, rate)
                if validation is not None and processes.main and looking:
                    line |= validation(players.result, step)
                if processes.main:
                    run.log(line)
            if step % schedule.checkpoint_every == 0 or _is_kept(step, schedule) or ending or leave:
                save()
            if leave:
                break
    if run_was_finished and not _is_saved(run.checkpoint_path(recipe.name), step):
        save()
    return step >= schedule.steps


def _step(
    players: Players, objective: Objective, lr: Tensor, hr: Tensor, rate: float, dtype: torch.dtype
) -> tuple[Tensor, dict[str, Tensor]]:
    """Take one step with each network; return the loss and its parts, on the device: reading them would wait for it."""
    with autocast(lr.device, dtype):
        sr = players.generator.forward(lr).float()
        loss, parts = objective(sr, hr)
    players.generator.step(loss, rate)
    if players.average is not None:
        players.average.update_parameters(players.generator.module)
    if players.adversary is not None:
        with autocast(lr.device, dtype):
            game = players.adversary.forward(sr.detach(), hr)
        players.adversary.step(game, rate)
        parts["discriminator"] = game.detach()
    return loss.detach(), parts


def _is_saved(path: Path, step: int) -> bool:
    """Return whether ``path`` is a whole checkpoint of ``step``, whose card may hold scores by now."""
    try:
        return bool(card_of(load_checkpoint_file(path))["training"][-1]["step"] == step)
    except (CheckpointError, LookupError):
        return False


def _is_kept(step: int, schedule: Schedule) -> bool:
    """Return whether the checkpoint of ``step`` is one of the snapshots."""
    return schedule.snapshot_every > 0 and step % schedule.snapshot_every == 0


def _players(model: nn.Module, objective: Objective, schedule: Schedule, processes: Processes) -> Players:
    """Return the networks on their device, channels-last, with their optimisers."""
    last = torch.channels_last
    for module in (model, objective):
        module.to(processes.device, memory_format=last).train()  # type: ignore[call-overload]  # torch's stub lacks it
    average = moving_average(model, schedule.ema)
    compiled: nn.Module = torch.compile(model) if schedule.compile else model  # type: ignore[assignment]  # is one
    forward = processes.parallel(compiled)
    adversary = None
    if objective.adversary is not None:
        adversary = Player(objective.adversary, processes.parallel(objective.adversary), schedule)
    if objective.perceptual is not None:
        objective.perceptual.eval()
    return Players(Player(model, forward, schedule), average, adversary)
