"""From a recipe, with photos and the checkpoint that it names, to a training run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from decloss.data.crops import check_crop_fits, sample_batch
from decloss.data.packing import describe_photos
from decloss.data.pairs import PhotoPairs, load_photo_pairs
from decloss.dec import eta_from_share
from decloss.evaluation.scores import image_folders
from decloss.files.apart import require_apart
from decloss.losses import LossSettings, Objective
from decloss.pixels import SCALE
from decloss.training.config import Origin, Recipe
from decloss.training.processes import Processes
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Observer, train
from decloss.training.watching import SAMPLES, Validation
from decloss.zoo.checkpoint import build_network
from decloss.zoo.registry import card_of, load_trainable

BATCHES_FOR_ETA = 16
"""The batches on which eta is measured: in a single one, one flat crop can hold nearly all of the positive pairs."""


def train_recipe(
    recipe: Recipe,
    data: Path,
    run: RunDirectory,
    processes: Processes,
    observe: Observer,
    describe: str | None = None,
    validate: Path | None = None,
    report: Callable[[str], None] = lambda text: None,
    cache: Path | None = None,
) -> bool:
    """Train ``recipe`` on the photos of ``data``, from its ``init`` or from where ``run`` stopped.

    Args:
        recipe: the recipe, whose ``init`` is a name, a file, or "none".
        data: the photos, as for ``load_photo_pairs``.
        run: the directory where everything goes.
        processes: this process among its fellows.
        observe: a function that is told of each step and decides when to stop.
        describe: the photos in words; by default the name of ``data``.
        validate: images to measure on at intervals.
        report: called with a sentence for each photo that is skipped, and for a first decoding.
        cache: the folder of decoded photos, as for ``load_photo_pairs``.

    Returns:
        Whether the schedule is finished.

    Raises:
        ValueError: for photos, images or settings that do not go together, or a run whose sample pictures would be
            among the photos or images.
    """
    schedule = recipe.schedule
    for folder in ([data] if data.is_dir() else []) + (image_folders(validate) if validate else []):
        require_apart(run.path / SAMPLES, folder)
    pairs = load_photo_pairs(data, cache, report) if processes.main else None
    processes.any(False)  # the others wait until the photos are decoded, which one does for all
    if pairs is None:
        pairs = load_photo_pairs(data, cache)
    check_crop_fits(pairs, schedule.crop)
    recipe = replace(recipe, losses=resolve_eta(recipe, pairs))
    torch.manual_seed(schedule.seed)
    model, card = build_network(recipe.architecture, recipe.name), None
    if recipe.init != "none":
        model = load_trainable(recipe.init)
        card = card_of(model)
        if card["architecture"] != recipe.architecture:
            sizes = f"{card['architecture']}, but {recipe.name} is {recipe.architecture}"
            raise ValueError(f"--init {recipe.init} is {sizes}")
    origin = Origin(describe_photos(data, describe), card)
    objective = Objective(recipe.losses, SCALE * schedule.crop, gather=True)
    validation = Validation(run.path, pairs, validate, report) if processes.main else None
    if validation is not None:
        trained = {(data / name).resolve() for name in pairs.names}
        both = sum(pair.hr.resolve() in trained for pair in validation.pairs)
        if both:
            report(f"{both} of the {len(validation.pairs)} images of {validate} are trained on as well")
    return train(model, objective, pairs, recipe, run, origin, processes, validation=validation, observe=observe)


def resolve_eta(recipe: Recipe, pairs: PhotoPairs) -> LossSettings:
    """Return the loss settings with ``eta`` in dB, measured on the first batches if a share of positives is given."""
    losses, schedule = recipe.losses, recipe.schedule
    if losses.dec_weight == 0 or losses.positive_share == 0:
        return losses
    size = (schedule.batch_size, schedule.crop, schedule.seed)
    batches = (sample_batch(pairs, step, *size)[1].float() / 255 for step in range(BATCHES_FOR_ETA))
    eta = eta_from_share(batches, losses.positive_share, losses.alpha, losses.mu, losses.patch_size)
    return replace(losses, eta=round(eta, 2))  # it is rounded, so that another machine resumes with the same
