"""What is written down of a finetune, in JSON. Disks fail: whoever reads it learns that, and nobody else suffers."""

import contextlib
import json
from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from decloss.files.atomic import write_atomically
from decloss.jobs.causes import RECORD_DAMAGED, RESULT_DAMAGED, UNKNOWN
from decloss.jobs.settings import settings_from_json

RECORD, RESULT, FAILURE = "job.json", "result/result.json", "failure.json"
COPY = "result/job.json"
"""A copy of the record beside a result: what is finished is not lost with the record."""
GONE = "There is no such finetune (any more)."
DEFAULTS: dict[str, Any] = {
    "owner": "",
    "created": datetime(1970, 1, 1, tzinfo=timezone.utc).isoformat(),
    "runs": 0,
    "number": 0,
    "place": 0,
    "queued": "",
}
"""What a record without them has for: whose the job is (a digest), when it was asked for, how often it was queued, its
number among all jobs, its place in the queue, and when it got that.

Dates are shown only. Clocks can be set back: number and place say what came before what.
"""


class JobError(ValueError):
    """A job cannot do that; the message is one sentence for the visitor."""


def read_record(job: Path) -> dict[str, Any]:
    """The record of the job in ``job``: "settings", and ``DEFAULTS`` or better.

    Raises:
        JobError: if there is none, or none that can be read.
    """
    for path in (job / RECORD, job / COPY):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = DEFAULTS | json.loads(path.read_bytes())
            settings_from_json(found["settings"])
            datetime.fromisoformat(found["created"])
            if all(type(found[name]) is type(value) for name, value in DEFAULTS.items()):
                return found
    raise JobError(RECORD_DAMAGED if (job / RECORD).exists() else GONE)


def read_result(job: Path) -> dict[str, Any] | None:
    """``result.json`` of the job in ``job``; None if there is none, or none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((job / RESULT).read_bytes())
        if isinstance(found, dict) and type(found.get("steps")) is int:
            return found
    return None


def read_failure(job: Path) -> str:
    """Why the job in ``job`` failed, a sentence; empty if it did not."""
    try:
        return str(json.loads((job / FAILURE).read_bytes())["sentence"]) or UNKNOWN
    except OSError:
        return RESULT_DAMAGED if (job / RESULT).exists() and read_result(job) is None else ""
    except (ValueError, KeyError, TypeError):
        return UNKNOWN


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The whole lines of ``metrics.jsonl`` that can be read, oldest first."""
    found = []
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        with contextlib.suppress(ValueError):
            content = json.loads(line) if line.endswith(b"\n") else None
            if isinstance(content, dict) and isinstance(content.get("step"), int):
                found.append(content)
    return found


def next_number(jobs: Path, name: str) -> int:
    """One more than the largest ``name`` ("number" or "place") of all records below ``jobs``."""
    largest = 0
    for path in jobs.glob(f"*/{RECORD}"):
        with contextlib.suppress(JobError):
            largest = max(largest, read_record(path.parent)[name])
    return largest + 1


def queue_record(job: Path, steps: int | None) -> None:
    """Write into the record of the job in ``job`` that it is queued again, to ``steps`` in all if given."""
    record = read_record(job)
    if steps is not None:
        record["settings"] = asdict(replace(settings_from_json(record["settings"]), steps=steps))
    record |= {"runs": record["runs"] + 1, "place": next_number(job.parent, "place"), "queued": moment()}
    write_atomically(job / RECORD, json_file(record))


def json_file(content: dict[str, Any]) -> bytes:
    """``content`` as the bytes of a JSON file."""
    return (json.dumps(content, indent=1) + "\n").encode()


def moment() -> str:
    """Now, to be shown."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
