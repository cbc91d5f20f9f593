"""What a rented machine gets: one line to run, and a repository with all that the line needs.

source.zip              this package
data/jobs/SHORT/        the job: settings, start, photos, and the run so far (SHORT is the part of its id that names it)
data/photos/            the built-in photos
metrics.jsonl, result/  what comes back (``decloss.jobs.hub.remote``); log.txt if it fails
"""

import io
import shlex
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from decloss.jobs.directory import Job
from decloss.jobs.record import json_file
from decloss.training.provenance import code_version

REQUIREMENTS = (
    "torch>=2.8,<3",
    "numpy>=1.26,<3",
    "pillow>=11.3,<13",
    "safetensors>=0.5,<1",
    "tqdm>=4.66,<5",
    "tyro>=0.9,<2",
    "torchvision>=0.23,<1",
    "lpips>=0.1.4,<0.2",
    "filelock>=3.16,<5",
    "sqlalchemy>=2.0.36,<3",
    "huggingface_hub>=1.16,<3",
)
"""The packages that ``decloss.jobs.hub.remote``, the trainer that it starts, and all that the two import need."""


def _short(job: Job) -> str:
    """Return enough of the id to give the checkpoint its name, and not enough to find the job here."""
    return job.id[:6]


def script(repository: str, job: Job) -> str:
    """Return the line of bash that the rented machine runs."""
    commands = [
        ["pip", "install", "--quiet", *REQUIREMENTS],
        ["cd", "/tmp"],
        ["hf", "download", repository, "--local-dir", "decloss-job", "--quiet"],
        ["cd", "decloss-job"],
        ["python", "-m", "zipfile", "-e", "source.zip", "."],
        ["python", "-m", "decloss.jobs.hub.remote", repository, f"data/jobs/{_short(job)}"],
    ]
    return " && ".join(map(shlex.join, commands))


def contents(job: Job) -> Iterator[tuple[str, Path | bytes]]:
    """Yield each path in the repository, and the file or the bytes that go there."""
    yield "source.zip", source_archive()
    here = f"data/jobs/{_short(job)}"
    yield f"{here}/job.json", json_file({"settings": asdict(job.settings)})  # without its owner
    for file in sorted((job.path / "start").iterdir()):
        yield f"{here}/start/{file.name}", file
    photos = f"{here}/photos" if job.settings.own_photos else "data/photos/training"
    for folder, target in ((job.photos, photos), (job.validation_photos, "data/photos/validation")):
        for file in sorted(folder.iterdir()):
            yield f"{target}/{file.name}", file
    goes_on = job.saved_step() > 0
    for file in sorted(job.run_path.rglob("*")) if goes_on else ():
        if file.is_file() and "samples" not in file.relative_to(job.run_path).parts:
            yield f"{here}/run/{file.relative_to(job.run_path).as_posix()}", file
    yield "metrics.jsonl", (job.run_path / "metrics.jsonl").read_bytes() if goes_on else b""


def source_archive() -> bytes:
    """Return this package's source as a zip with its version in it, so that the result's card can name that."""
    package = Path(__file__).resolve().parent.parent.parent
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(package.rglob("*.py")):
            name = file.relative_to(package.parent).as_posix()
            archive.writestr(zipfile.ZipInfo(name), file.read_bytes(), zipfile.ZIP_DEFLATED)  # its date is fixed
        version = f"Metadata-Version: 2.1\nName: decloss\nVersion: {code_version()}\n"
        archive.writestr(zipfile.ZipInfo("decloss-source.dist-info/METADATA"), version)
    return content.getvalue()
