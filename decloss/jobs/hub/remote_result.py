"""What comes back from a rented machine, read as a stranger's: it must be named, small, finite, and of this job."""

import json
import sys
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


def read_metrics(api: Any, repository: str, folder: Path, steps: int) -> bytes:
    """Return the metrics so far, each line read and written anew; b"" if there are none that can be used.

    Args:
        api: a connected client.
        repository: OWNER/NAME.
        folder: a folder for the download.
        steps: the number of steps that the job has in all.
    """
    try:
        found = _download(api, repository, {"metrics.jsonl": MOST_METRICS}, folder)
        text = found["metrics.jsonl"].read_bytes() if found else b""
        lines = [_line(parse_json(line), steps) for line in text.splitlines()]
    except ValueError:  # also a ``JobError`` for a file that is too large
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
        result = _result(parse_json(found[f"result/{summary}"].read_bytes()))
    except ValueError:  # also a ``CheckpointError``
        raise JobError(FOREIGN) from None
    if card_of(model)["architecture"] != start["architecture"]:
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
    there = api.get_paths_info(repository, list(limits), revision=moment)
    sizes = {file.path: file.size for file in there if hasattr(file, "size")}  # a folder has none
    if set(sizes) != set(limits):
        return {}
    if any(sizes[path] > most for path, most in limits.items()):
        raise JobError(FOREIGN)
    found = {path: Path(api.hf_hub_download(repository, path, revision=moment, local_dir=folder)) for path in limits}
    if any(found[path].stat().st_size > most for path, most in limits.items()):
        raise JobError(FOREIGN)
    return found


def _line(content: Any, steps: int) -> dict[str, Any]:
    """Return what of a line of metrics.jsonl is numbers; raise a ``ValueError`` if its step is none of the job's."""
    scores = _object(content).get("validation")
    line: dict[str, Any] = {key: value for key, value in content.items() if _is_number(value)}
    if type(line.get("step")) is not int or not 0 <= line["step"] <= steps:
        raise ValueError("not a step of this job")
    line.pop("steps_per_second", None)  # how long others wait here is computed from the speed of this machine
    return line if scores is None else line | {"validation": _scores(scores)}


def _result(content: Any) -> dict[str, Any]:
    """Return what of result.json is used; raise a ``ValueError`` unless before and after have the same scores."""
    steps, seconds = _object(content).get("steps"), content.get("seconds")
    both = _object(content.get("scores"))
    scores = {when: _scores(both.get(when)) for when in ("before", "after")}
    if type(steps) is not int or not _is_number(seconds) or scores["before"].keys() != scores["after"].keys():
        raise ValueError("not the summary of a finetune")
    return {"steps": steps, "seconds": seconds, "scores": scores}


def _scores(content: Any) -> dict[str, float | None]:
    """Return the scores in ``content``, which are None where there is no network to measure them."""
    return {key: value for key, value in _object(content).items() if value is None or _is_number(value)}


def _object(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return content


def _is_number(value: Any) -> bool:
    """Return whether ``value`` is a number that a float can hold, which an integer of JSON need not be."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max
