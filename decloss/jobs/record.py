"""What is written down of a finetune, in JSON. Damage is told to whoever reads it, and harms nobody else."""

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from decloss.files.atomic import write_atomically
from decloss.jobs.causes import RECORD_DAMAGED, RESULT_DAMAGED, UNKNOWN
from decloss.jobs.settings import settings_from_json

RECORD, RESULT, FAILURE = "job.json", "result/result.json", "failure.json"
COPY = "result/job.json"
"""A copy of the record beside a result, so that what is finished is not lost with the record."""
GONE = "There is no such finetune (any more)."
DEFAULTS: dict[str, Any] = {
    "owner": "",
    "created": datetime(1970, 1, 1, tzinfo=timezone.utc).isoformat(),
    "runs": 0,
    "number": 0,
    "place": 0,
    "queued": "",
}
"""The values that a record without them has: whose the job is (a digest), when it was asked for, how often it was
queued, its number among all jobs, its place in the queue, and when it got that. Dates are only shown, since clocks can
be set back: number and place say what came before what."""


class JobError(ValueError):
    """What was asked of a job cannot be done; the message is one sentence for the visitor."""


@dataclass(frozen=True)
class JobRecord:
    """What is written down of a job in its directory."""

    path: Path

    @property
    def record(self) -> dict[str, Any]:
        """The content of ``job.json``, "settings" and all of ``DEFAULTS``; a ``JobError`` if none can be read."""
        for path in (self.path / RECORD, self.path / COPY):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found = DEFAULTS | json.loads(path.read_bytes())
                settings_from_json(found["settings"])
                datetime.fromisoformat(found["created"])
                if all(type(found[name]) is type(value) for name, value in DEFAULTS.items()):
                    return found
        raise JobError(RECORD_DAMAGED if (self.path / RECORD).exists() else GONE)

    @property
    def result(self) -> dict[str, Any] | None:
        """The content of ``result.json``: "steps", "seconds", "scores" before and after; None if none can be read."""
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((self.path / RESULT).read_bytes())
            if isinstance(found, dict) and type(found.get("steps")) is int:
                return found
        return None

    @property
    def failure(self) -> str:
        """A sentence on why it failed; empty if it did not."""
        try:
            return str(json.loads((self.path / FAILURE).read_bytes())["sentence"]) or UNKNOWN
        except OSError:
            return RESULT_DAMAGED if (self.path / RESULT).exists() and self.result is None else ""
        except (ValueError, KeyError, TypeError):
            return UNKNOWN

    def metrics(self) -> list[dict[str, Any]]:
        """Return the whole lines of ``metrics.jsonl`` so far that can be read, oldest first."""
        found: list[dict[str, Any]] = []
        try:
            written = (self.path / "run" / "metrics.jsonl").read_bytes()
        except FileNotFoundError:  # there are none yet, or the job was deleted
            return found
        for line in written.splitlines(keepends=True):
            with contextlib.suppress(ValueError):
                content = json.loads(line) if line.endswith(b"\n") else None
                if isinstance(content, dict) and isinstance(content.get("step"), int):
                    found.append(content)
        return found

    def queue_record(self, steps: int | None) -> None:
        """Write into the record that the job is queued again, to ``steps`` in all if given."""
        record = self.record
        if steps is not None:
            record["settings"] = asdict(replace(settings_from_json(record["settings"]), steps=steps))
        record |= {"runs": record["runs"] + 1, "place": next_number(self.path.parent, "place"), "queued": moment()}
        write_atomically(self.path / RECORD, json_file(record))


def next_number(jobs: Path, name: str) -> int:
    """Return one more than the largest ``name`` ("number" or "place") of all records below ``jobs``."""
    largest = 0
    for path in jobs.glob(f"*/{RECORD}"):
        with contextlib.suppress(JobError):
            largest = max(largest, JobRecord(path.parent).record[name])
    return largest + 1


def json_file(content: dict[str, Any]) -> bytes:
    """Return ``content`` as the bytes of a JSON file."""
    return (json.dumps(content, indent=1) + "\n").encode()


def moment() -> str:
    """Return the present time as text, to be shown."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
