"""What comes back from a rented machine, read as a stranger's: it must be named, small, finite, and of this job."""

import json
from pathlib import Path
from typing import Any

from decloss.files.untrusted import parse_json
from decloss.jobs.directory import Job
from decloss.jobs.record import JobError, json_file
from decloss.zoo.card import MAX_CARD_BYTES, read_card
from decloss.zoo.checkpoint import load_checkpoint_file
from decloss.zoo.registry import card_of

MOST_METRICS = 4 * 2**20
"""The most bytes of metrics.jsonl; 2,000 lines have less than half of that."""
SPARE = 2**20
"""The bytes that a checkpoint may have beyond its weights in float32."""
NONE_YET = "There is no finished result on the Hub yet."
FOREIGN = "What the Hub holds is not a result that this finetune can have made."


def read_metrics(api: Any, repository: str, folder: Path) -> bytes:
    """Return the metrics so far, each line read and written anew; b"" if there are none that can be used.

    Args:
        api: a connected client.
        repository: OWNER/NAME.
        folder: a folder for the download.
    """
    try:
        found = _download(api, repository, {"metrics.jsonl": MOST_METRICS}, folder)
        text = found["metrics.jsonl"].read_bytes() if found else b""
        lines = [_numbers(parse_json(line)) for line in text.splitlines()]
    except ValueError:  # also a ``JobError`` for a file that is too large
        return b""
    if not all(isinstance(line.get("step"), int) for line in lines):
        return b""
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def check_result(api: Any, repository: str, job: Job, folder: Path) -> dict[str, bytes]:
    """Download the result of ``job`` and check it.

    Args:
        api: a connected client.
        repository: OWNER/NAME.
        job: the job that was submitted.
        folder: a folder for the download.

    Returns:
        The contents of its three files by name, result.json last.

    Raises:
        JobError: if one of them is missing, too large or foreign, or holds weights that are not finite.
    """
    start = read_card(job.start_checkpoint)
    weights, card, summary = job.checkpoint.name, job.checkpoint.with_suffix(".json").name, "result.json"
    limits = {weights: 4 * start["parameters"] + SPARE, card: MAX_CARD_BYTES, summary: MAX_CARD_BYTES}
    found = _download(api, repository, {f"result/{name}": most for name, most in limits.items()}, folder)
    if not found:
        raise JobError(NONE_YET)
    try:
        model = load_checkpoint_file(found[f"result/{weights}"])
        result = _numbers(parse_json(found[f"result/{summary}"].read_bytes()))
    except ValueError:  # also a ``CheckpointError``
        raise JobError(FOREIGN) from None
    scores = result.get("scores")
    complete = isinstance(scores, dict) and all(isinstance(scores.get(when), dict) for when in ("before", "after"))
    timed = isinstance(result.get("steps"), int) and isinstance(result.get("seconds"), int | float)
    if not (complete and timed and card_of(model)["architecture"] == start["architecture"]):
        raise JobError(FOREIGN)
    if result["steps"] != job.settings.steps:
        raise JobError(NONE_YET)  # this result is from before the job was extended
    contents = {name: found[f"result/{name}"].read_bytes() for name in (weights, card)}
    return {**contents, summary: json_file(result)}


def _download(api: Any, repository: str, limits: dict[str, int], folder: Path) -> dict[str, Path]:
    """Download files of the repository as of one moment; return {} if one is missing, and raise if one is too large.

    ``limits`` has the most bytes of each file by its path there; beyond them a ``JobError`` is raised.
    """
    moment = api.repo_info(repository).sha
    sizes = {file.path: file.size for file in api.get_paths_info(repository, list(limits), revision=moment)}
    if set(sizes) != set(limits):
        return {}
    if any(sizes[path] > most for path, most in limits.items()):
        raise JobError(FOREIGN)
    found = {path: Path(api.hf_hub_download(repository, path, revision=moment, local_dir=folder)) for path in limits}
    if any(found[path].stat().st_size > most for path, most in limits.items()):
        raise JobError(FOREIGN)
    return found


def _numbers(content: Any) -> dict[str, Any]:
    """Return what in ``content`` is numbers, None, or a group of them; raise a ``ValueError`` if it is no object."""
    if not isinstance(content, dict):
        raise ValueError("not an object")
    kinds = (int, float, type(None), dict)
    kept = {key: value for key, value in content.items() if isinstance(value, kinds)}
    return {key: _numbers(value) if isinstance(value, dict) else value for key, value in kept.items()}
