"""Turning a run into a checkpoint, which must have finite weights, pass a test inference, and get its scores."""

import json
import shutil
from typing import Any

import torch
from torch import nn

from decloss.evaluation.scores import PROTOCOL, for_json, list_pairs, load_pair
from decloss.files.atomic import write_atomically
from decloss.jobs.directory import Job
from decloss.jobs.record import COPY, RESULT, JobError, json_file
from decloss.pixels import to_levels
from decloss.training.watching import Validation
from decloss.zoo.checkpoint import load_checkpoint_file, save_checkpoint
from decloss.zoo.registry import card_of

MEASURED_ON = "2 built-in photos"


def make_result(job: Job) -> None:
    """Check the run's checkpoint and put it, in half precision, with card and scores, into ``job``/result.

    Raises:
        CheckpointError: if its weights are not finite.
        JobError: if its pictures are not finite, or of one colour.
    """
    source = job.run_path / f"{job.name}.safetensors"
    model = load_checkpoint_file(source)
    card = card_of(model)
    steps, seconds = card["training"][-1]["step"], card["training"][-1]["seconds"]
    target = job.checkpoint
    save_checkpoint(model, target, {"training": card["training"], "metrics": {}}, torch.float16)
    shipped = load_checkpoint_file(target)
    check_inference(shipped, job)
    before = json.loads((job.path / "before.json").read_bytes())
    for sample in job.samples():
        if int(sample.stem) > steps:  # of steps that came after the last checkpoint and were lost
            sample.unlink()
    after = scores(shipped, job, steps)
    metrics = {MEASURED_ON: {"protocol": PROTOCOL, **after}}
    save_checkpoint(shipped, target, {"training": card["training"], "metrics": metrics}, torch.float16)
    result = {"steps": steps, "seconds": seconds, "scores": {"before": before, "after": after}}
    write_atomically(job.path / COPY, json_file(job.record))
    write_atomically(job.path / RESULT, json_file(result))
    shutil.rmtree(job.cache, ignore_errors=True)  # they are decoded again if the job is extended


def scores(model: nn.Module, job: Job, step: int) -> dict[str, Any]:
    """Return the mean scores over the validation photos; the picture of ``step`` becomes that of this model."""
    return for_json(Validation(job.run_path, None, job.validation_photos)(model, step)["validation"])


def check_inference(model: nn.Module, job: Job) -> None:
    """Upscale a photo's LR; raise a ``JobError`` unless every value is finite and the picture has several colours."""
    lr, _ = load_pair(list_pairs(job.validation_photos)[0])
    with torch.inference_mode():
        sr = model(lr)
    if not bool(sr.isfinite().all()):
        raise JobError("The trained network makes pictures with values that are not finite; try a smaller step size.")
    if bool((to_levels(sr) == to_levels(sr)[..., :1, :1]).all()):
        raise JobError("The trained network makes pictures of one colour; try a smaller step size or other weights.")
