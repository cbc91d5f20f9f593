"""Who a visitor is, by a secret that the browser keeps, and which finetunes belong to the visitor.

Two things lead to a finetune. Its id is the viewing link: it stands in the address, and whoever has it sees the
finetune. The owner's key is the visitor's secret: it never stands in the address, and only who has it changes anything.
"""

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
from decloss.jobs.folder import ID, digest
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError
from decloss.ui.parts.address import Field

NOT_YOURS = (
    "You see this finetune by its viewing link: only the browser that started it, or one with its owner's key, can "
    "change it."
)
LOOK_EVERY = 3.0
"""The seconds between two looks at a visitor's own finetune for the mark on its tab, while there is one under way."""
OWNER = re.compile(r"[A-Za-z0-9_-]{43}")
NAME = re.compile(r"mine-[a-z0-9]{6}")
"""The pattern of the name that a finished finetune's checkpoint has."""
Finished = Mapping[str, str] | None
"""The ids of a visitor's finished finetunes by their names."""


@dataclass(frozen=True)
class Mine:
    """The components above all tabs that hold the visitor's secret and finetunes, with functions to look them up."""

    finetunes: Finetunes
    missing: str
    """A sentence that says why there are no finetunes here; empty where there are."""
    owner: gr.BrowserState
    """The visitor's secret, which never stands in the address."""
    job: gr.Textbox
    """The id of the finetune that the visitor looks at."""
    finished: gr.State
    """The ids of the finetunes with a result that this visitor may compare, by their names."""
    news: gr.Textbox
    """A text that is another one after each look-up of ``finished``, so that its change event follows every look-up."""
    badge: gr.Textbox
    """The mark on the Finetune tab for the visitor's finetune that is under way, such as "● 40 %"; else empty."""
    timer: gr.Timer
    """It ticks while the visitor has a finetune under way, and for nobody else."""

    @property
    def field(self) -> Field:
        """The address's field for the finetune that the visitor looks at."""
        return Field("job", self.job, read_id)

    def find(self, job_id: Any) -> Job:
        """Return the finetune with that id; raise a ``JobError`` with a sentence if there is none."""
        if self.missing:
            raise JobError(self.missing)
        return self.finetunes.find(job_id)

    def find_own(self, owner: Any, job_id: Any, request: gr.Request | None = None) -> Job:
        """Return the finetune with that id; raise a ``JobError`` if there is none, or if it is another visitor's."""
        job = self.find(job_id)
        if not owns(job, owner, request):
            raise JobError(NOT_YOURS)
        return job

    def look_up(self, owner: Any, job_id: Any) -> tuple[dict[str, str], str]:
        """Return values for ``finished`` and ``news``: the visitor's finetunes and the one that the address names."""
        jobs = own_jobs(self.finetunes, owner) if not self.missing else []
        if job_id:
            with contextlib.suppress(JobError):  # the address may name a finetune that was deleted
                jobs = [self.find(job_id), *jobs]
        return {job.name: job.id for job in jobs if job.result is not None}, uuid.uuid4().hex

    def checkpoints(self, finished: Finished) -> dict[str, Path]:
        """Return the checkpoint files of ``finished`` by name."""
        return {name: Job(self.finetunes.jobs / job_id).checkpoint for name, job_id in (finished or {}).items()}


def build_mine(finetunes: Finetunes, missing: str) -> Mine:
    """Build the hidden components inside the current ``gr.Blocks``."""
    with finetunes.alone():
        secret = secrets.token_urlsafe(16) if missing else _kept_secret(finetunes.data / "browser.key")
    return Mine(
        finetunes,
        missing,
        gr.BrowserState(None, storage_key="decloss-owner", secret=secret),
        gr.Textbox("", visible=False),
        gr.State({}),
        gr.Textbox("", visible=False),
        gr.Textbox("", visible=False),
        gr.Timer(LOOK_EVERY, active=False),
    )


def remember_owner(stored: Any) -> str:
    """Return the visitor's secret: the one that the browser has stored, or a new one."""
    return str(stored) if is_key(stored) else secrets.token_urlsafe(32)


def owner_or_address(stored: Any, request: gr.Request | None) -> str:
    """Return the owner of a new finetune: the browser's secret, or the client's network address without a browser."""
    return stored if is_key(stored) else f"address {getattr(getattr(request, 'client', None), 'host', 'unknown')}"


def is_key(value: Any) -> bool:
    """Return whether ``value`` has the form of an owner's key."""
    return isinstance(value, str) and OWNER.fullmatch(value) is not None


def own_jobs(finetunes: Finetunes, owner: Any) -> list[Job]:
    """Return the visitor's finetunes, newest first; none without a secret, since others may share a network address."""
    return finetunes.of(owner) if is_key(owner) else []


def owns(job: Job, owner: Any, request: gr.Request | None = None) -> bool:
    """Return whether a visitor may change ``job``: by the owner's key, or by the address that began it without one."""
    secrets_of_visitor = [owner] if is_key(owner) else []
    if request is not None:
        secrets_of_visitor.append(owner_or_address(None, request))
    stored = job.record["owner"]
    return any(secrets.compare_digest(stored, digest(secret)) for secret in secrets_of_visitor)


def read_id(text: str) -> str:
    """Return the finetune's id that stands in the address, which may be empty; raise a ``ValueError`` for nonsense."""
    if text and not ID.fullmatch(text):
        raise ValueError(f"{text!r} is no finetune's id")
    return text


def _kept_secret(path: Path) -> str:
    """Return the key of the browser's storage, kept in a file: with a new one, browsers would forget their visitors."""
    if not path.exists() or not path.read_text(encoding="utf-8"):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(16))
    return path.read_text(encoding="utf-8")
