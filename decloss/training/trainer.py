"""The training loop: resumable, bit for bit on a CPU. It knows no loss maths and no interface."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from decloss.devices import autocast, best_device, resolve_precision, to_best_device
from decloss.losses import Objective
from decloss.training.checkpoint import save_checkpoint
from decloss.training.config import Origin, Recipe, Schedule
from decloss.training.data import PhotoPairs, check_crop_fits, sample_batch
from decloss.training.provenance import training_card
from decloss.training.run_directory import RunDirectory


@dataclass(frozen=True)
class Progress:
    """What an observer learns after each step."""

    step: int
    """Steps done, of ``Schedule.steps``."""
    learning_rate: float
    loss: Tensor
    """Scalar, on the device: reading it waits for the step, so read it seldom."""
    parts: dict[str, Tensor]
    """The named terms of the loss, each a scalar on the device."""


# Called after every step; training stops, saves and returns when it answers True.
Observer = Callable[[Progress], bool]


def learning_rate_at(step: int, schedule: Schedule) -> float:
    """Linear warm-up from zero, then half a cosine down to zero; ``step`` counts from 0."""
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
    schedule: Schedule,
    run: RunDirectory,
    origin: Origin,
    observe: Observer = lambda progress: False,
) -> bool:
    """Train ``model`` to the end of ``schedule``, or from where ``run`` stopped.

    Writes into the run directory: ``metrics.jsonl``, the state to resume from, and a loadable checkpoint each time.

    Returns:
        True when the schedule is finished, False when the observer stopped it.

    Raises:
        ValueError: if a photo is smaller than the crop, or the run's state belongs to another configuration.
        FloatingPointError: if the loss stops being finite; the last checkpoint is kept.
    """
    check_crop_fits(pairs, schedule.crop)
    device = best_device()
    dtype = resolve_precision(schedule.precision, device)
    model = to_best_device(model).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=schedule.learning_rate, betas=schedule.betas)
    run.configure(recipe, schedule, origin, pairs.fingerprint)
    step, earlier_seconds = run.restore(model, optimizer)
    started, logged_at, logged_step = time.monotonic(), time.monotonic(), step
    run_was_finished = step >= schedule.steps  # killed, perhaps, before its checkpoint was written
    stop = False

    def save() -> None:
        if not all(bool(value.isfinite().all()) for value in model.state_dict().values()):
            raise FloatingPointError(f"weights are not finite after step {step}; try a smaller learning rate")
        seconds = earlier_seconds + time.monotonic() - started
        run.save(model, optimizer, step, seconds)
        card = training_card(recipe, schedule, pairs, origin, device, dtype, step, seconds)
        save_checkpoint(model, run.checkpoint_path(recipe.name), card)

    while step < schedule.steps and not stop:
        rate = _set_learning_rate(optimizer, learning_rate_at(step, schedule))
        batch = sample_batch(pairs, step, schedule.batch_size, schedule.crop, schedule.seed)
        lr, hr = (images.to(device, memory_format=torch.channels_last) for images in batch)
        with autocast(device, dtype):
            sr = model(lr)
        loss, parts = objective(sr.float(), hr)  # losses in float32 whatever the network ran in
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        optimizer.step()
        step += 1
        stop = observe(Progress(step, rate, loss.detach(), parts))
        if step % schedule.log_every == 0 or step == schedule.steps:
            if not math.isfinite(loss.item()):
                raise FloatingPointError(f"the loss is {loss.item()} at step {step}; try a smaller learning rate")
            now = time.monotonic()
            run.log(_metrics(step, rate, loss, parts, (step - logged_step) / max(now - logged_at, 1e-9)))
            logged_at, logged_step = now, step
        if step % schedule.checkpoint_every == 0 or step == schedule.steps or stop:
            save()
    if run_was_finished:
        save()
    return step >= schedule.steps


def _metrics(step: int, rate: float, loss: Tensor, parts: dict[str, Tensor], speed: float) -> dict[str, Any]:
    values = {name: value.item() for name, value in parts.items()}
    return {"step": step, "loss": loss.item(), **values, "learning_rate": rate, "steps_per_second": round(speed, 4)}


def _set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    return rate
