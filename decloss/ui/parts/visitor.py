"""Who a visitor is, by a secret that their browser keeps, and which finetunes are theirs."""

import contextlib
import os
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.jobs.directory import Job
from decloss.jobs.folder import ID
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError
from decloss.ui.parts.address import Field

OWNER = re.compile(r"[A-Za-z0-9_-]{43}")
NAME = re.compile(r"mine-[a-z0-9]{6}")
"""Of a finished checkpoint."""
Finished = Mapping[str, str] | None
"""Name to id of a visitor's finished finetunes."""


@dataclass(frozen=True)
class Mine:
    """The components that hold it, above all tabs."""

    finetunes: Finetunes
    missing: str
    """Why there are none here, a sentence; empty where there are."""
    owner: gr.BrowserState
    """The visitor's secret. It never stands in the address."""
    job: gr.Textbox
    """The id of the finetune that is looked at."""
    finished: gr.State
    """Name to id of those with a result, which this visitor may compare."""
    news: gr.Textbox
    """Another text whenever ``finished`` was looked up."""

    @property
    def field(self) -> Field:
        """The address's field of the finetune that is looked at."""
        return Field("job", self.job, read_id)

    def find(self, job_id: Any) -> Job:
        """The finetune with that id; ``JobError`` with a sentence if there is none."""
        if self.missing:
            raise JobError(self.missing)
        return self.finetunes.find(job_id)

    def look_up(self, owner: Any, job_id: Any) -> tuple[dict[str, str], str]:
        """What ``finished`` and ``news`` hold: those of this visitor, and the one of the address."""
        jobs = own_jobs(self.finetunes, owner) if not self.missing else []
        if job_id:
            with contextlib.suppress(JobError):  # a link to one that was deleted
                jobs = [self.find(job_id), *jobs]
        return {job.name: job.id for job in jobs if job.result is not None}, uuid.uuid4().hex

    def checkpoints(self, finished: Finished) -> dict[str, Path]:
        """The files of ``finished``."""
        return {name: Job(self.finetunes.jobs / job_id).checkpoint for name, job_id in (finished or {}).items()}


def build_mine(finetunes: Finetunes, missing: str) -> Mine:
    """The hidden components, inside the current ``gr.Blocks``."""
    secret = secrets.token_urlsafe(16) if missing else _kept_secret(finetunes.data / "browser.key")
    return Mine(
        finetunes,
        missing,
        gr.BrowserState(None, storage_key="decloss-owner", secret=secret),
        gr.Textbox("", visible=False),
        gr.State({}),
        gr.Textbox("", visible=False),
    )


def remember_owner(stored: Any) -> str:
    """The visitor's secret: the one that the browser kept, or a new one."""
    return stored if isinstance(stored, str) and OWNER.fullmatch(stored) else secrets.token_urlsafe(32)


def owner_or_address(stored: Any, request: gr.Request | None) -> str:
    """Whose a new finetune is: the browser's secret, or, where there is no browser, the client's address."""
    if isinstance(stored, str) and OWNER.fullmatch(stored):
        return stored
    client = getattr(request, "client", None)
    return f"address {getattr(client, 'host', 'unknown')}"


def own_jobs(finetunes: Finetunes, owner: Any) -> list[Job]:
    """The visitor's finetunes, newest first; none without a secret, since others may share an address."""
    return finetunes.of(owner) if isinstance(owner, str) and OWNER.fullmatch(owner) else []


def read_id(text: str) -> str:
    """Reads a finetune's id from the address."""
    if text and not ID.fullmatch(text):
        raise ValueError(f"{text!r} is no finetune's id")
    return text


def _kept_secret(path: Path) -> str:
    """What the browser encrypts with: the same after a restart, or browsers would forget their visitors."""
    if not path.exists() or not path.read_text(encoding="utf-8"):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(16))
    return path.read_text(encoding="utf-8")
