"""Training one job in its directory, from where it stopped to its end."""

import json

from decloss.files.atomic import write_atomically
from decloss.jobs.directory import Job
from decloss.jobs.photos import BUILT_IN
from decloss.jobs.result import scores
from decloss.training.processes import join_processes
from decloss.training.recipes import train_recipe
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Observer
from decloss.zoo.registry import card_of, load_checkpoint

OWN = "a visitor's own photos"


def train_job(job: Job, observe: Observer, device: str = "auto") -> bool:
    """Train ``job`` from where it stopped to its end, or until the observer ends it; return whether it is at its end.

    The caller must hold the job's lock or, in a shared line, its lease.
    """
    model = load_checkpoint(job.start_checkpoint)
    settings = job.settings
    recipe = settings.recipe(job.name, str(job.start_checkpoint), card_of(model)["architecture"])
    job.say_phase("preparing")
    before = job.path / "before.json"
    if not before.exists():
        job.run_path.mkdir(exist_ok=True)
        write_atomically(before, json.dumps(scores(model, job, 0)).encode())
    job.say_phase("training")
    processes = join_processes(device)
    try:
        describe = OWN if settings.own_photos else BUILT_IN
        run = RunDirectory(job.run_path, resume=True)
        training, validation = job.photos, job.validation_photos
        return train_recipe(recipe, training, run, processes, observe, describe, validation, print, job.cache)
    finally:
        processes.close()
