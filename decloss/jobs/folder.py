"""The folder of all jobs of one data directory: making them, finding them, and tidying up."""

import hashlib
import logging
import re
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from decloss.files.atomic import write_atomically
from decloss.files.images import RGBArray, encode_png
from decloss.jobs.directory import Job
from decloss.jobs.record import GONE, RECORD, JobError, json_file, moment, next_number
from decloss.jobs.settings import JobSettings

logger = logging.getLogger(__name__)

ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class JobFolder:
    """All jobs below one data directory."""

    data: Path

    @property
    def jobs(self) -> Path:
        return self.data / "jobs"

    def job(self, name: str) -> Job:
        """Return the job whose directory has that name, which need not exist."""
        return Job(self.jobs / name)

    def create(self, settings: JobSettings, owner: str, start: Path, photos: Sequence[RGBArray] = ()) -> Job:
        """Create a job, and return it.

        Args:
            settings: what the job does.
            owner: an opaque text, of which a digest is stored.
            start: the checkpoint to start from; it is copied with its card.
            photos: the visitor's own photos, if the settings say so; (H, W, 3) each.
        """
        return self.store(settings, owner, start, [encode_png(pixels) for pixels in photos])

    def store(self, settings: JobSettings, owner: str, start: Path, photos: Sequence[bytes]) -> Job:
        """Do what ``create`` does, with photos that are PNG files already."""
        job = self.job(secrets.token_urlsafe(16))
        try:
            for suffix in (".safetensors", ".json"):
                write_atomically(job.start_checkpoint.with_suffix(suffix), start.with_suffix(suffix).read_bytes())
            for number, photo in enumerate(photos):
                write_atomically(job.path / "photos" / f"{number:02d}.png", photo)
            record = {"settings": asdict(settings), "owner": digest(owner), "created": moment(), "runs": 0}
            record["number"] = next_number(self.jobs, "number")
            write_atomically(job.path / RECORD, json_file(record))  # it comes last: without it there is no job
        except OSError:  # above all, the disk may be full
            shutil.rmtree(job.path, ignore_errors=True)
            raise
        return job

    def find(self, job_id: object) -> Job:
        """Return the job of that id.

        Raises:
            JobError: if there is none.
        """
        if isinstance(job_id, str) and ID.fullmatch(job_id) and (self.jobs / job_id / RECORD).is_file():
            return self.job(job_id)
        raise JobError(GONE)

    def all(self) -> list[Job]:
        """Return every job whose record can be read, oldest first."""
        found = []
        for path in self.jobs.glob(f"*/{RECORD}"):
            try:
                record = Job(path.parent).record
            except JobError:
                continue
            if ID.fullmatch(path.parent.name):
                found.append((record["number"], record["created"], path.parent.name))
        return [self.job(name) for *_, name in sorted(found)]

    def tidy(self) -> None:
        """Remove what half-made and half-deleted jobs left when the app starts, and log which jobs are damaged."""
        whole = {job.path for job in self.all()}
        for path in self.jobs.glob("*"):
            if path.name.startswith(".") or not any((path / name).exists() for name in (RECORD, "result")):
                shutil.rmtree(path, ignore_errors=True)
            elif path not in whole:
                logger.error("the record of the finetune %s is damaged", path.name)

    def of(self, owner: str) -> list[Job]:
        """Return the jobs of one visitor, newest first."""
        return self.of_digest(digest(owner))

    def of_digest(self, owner: str) -> list[Job]:
        """Return the jobs of the visitor whose secret has that digest, newest first."""
        found = []
        for job in reversed(self.all()):
            with suppress(JobError):  # it was deleted meanwhile
                if job.record["owner"] == owner:
                    found.append(job)
        return found


def digest(owner: str) -> str:
    """Return the digest that is stored of a visitor's secret."""
    return hashlib.sha256(owner.encode()).hexdigest()
