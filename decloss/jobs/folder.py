"""All jobs below one data directory."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from decloss.images import RGBArray, encode_png
from decloss.jobs.directory import Job, JobError, json_file
from decloss.jobs.settings import JobSettings, settings_to_json
from decloss.training.atomic import write_atomically

ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class JobFolder:
    """All jobs below one data directory."""

    data: Path

    @property
    def jobs(self) -> Path:
        return self.data / "jobs"

    def create(self, settings: JobSettings, owner: str, start: Path, photos: Sequence[RGBArray] = ()) -> Job:
        """A new job.

        Args:
            settings: what it does.
            owner: an opaque text, of which a digest is stored.
            start: the checkpoint to start from; it is copied with its card.
            photos: the visitor's own, if the settings say so; (H, W, 3) each.
        """
        job = Job(self.jobs / secrets.token_urlsafe(16))
        for suffix in (".safetensors", ".json"):
            write_atomically(job.start_checkpoint.with_suffix(suffix), start.with_suffix(suffix).read_bytes())
        for number, pixels in enumerate(photos):
            write_atomically(job.path / "photos" / f"{number:02d}.png", encode_png(pixels))
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        record = {"settings": settings_to_json(settings), "owner": digest(owner), "created": now, "runs": 0}
        write_atomically(job.path / "job.json", json_file(record))  # last: without it there is no job
        return job

    def find(self, job_id: object) -> Job:
        """The job of that id.

        Raises:
            JobError: if there is none.
        """
        if isinstance(job_id, str) and ID.fullmatch(job_id) and (self.jobs / job_id / "job.json").is_file():
            return Job(self.jobs / job_id)
        raise JobError("There is no such finetune (any more).")

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        found = [Job(path.parent) for path in self.jobs.glob("*/job.json") if ID.fullmatch(path.parent.name)]
        return sorted(found, key=lambda job: (job.record["created"], job.id))

    def of(self, owner: str) -> list[Job]:
        """Those of one visitor, newest first."""
        mine = digest(owner)
        return [job for job in reversed(self.all()) if job.record["owner"] == mine]


def digest(owner: str) -> str:
    """What is stored of a visitor's secret."""
    return hashlib.sha256(owner.encode()).hexdigest()
