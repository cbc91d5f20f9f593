"""A queue in a real PostgreSQL, which ``.ci/postgres`` starts, and workers as processes of their own."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from conftest import skip_or_fail
from example_results import give_examples
from folders import ROOT
from small_job import small_job
from waiting import answers, free_port, wait_for

from decloss.jobs import queue
from decloss.jobs.line import Line
from decloss.jobs.queue import Finetunes

ADDRESS, RESTART = "DECLOSS_TEST_POSTGRES", "DECLOSS_TEST_POSTGRES_RESTART"
LEASE = 6.0
"""The seconds of a lease in tests; 30 by default."""


def address() -> str:
    """The address of the server; without one the test is skipped."""
    found = os.environ.get(ADDRESS, "")
    if not found:
        skip_or_fail(f'run eval "$(.ci/postgres start FOLDER)", which sets {ADDRESS}, to run this')
    return found


@contextmanager
def new_queue() -> Iterator[str]:
    """The address of a new database, which is removed at the end."""
    server = sa.create_engine(
        sa.make_url(address()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", pool_pre_ping=True
    )
    name = f"test_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield f"{address().rpartition('/')[0]}/{name}"
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def by_socket(url: str) -> str:
    """The address of the same database by a socket in the file system, for which no network is needed."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        folder = connection.execute(sa.text("SHOW unix_socket_directories")).scalar()
    engine.dispose()
    found = sa.make_url(url)
    query = {"host": str(folder), "port": str(found.port)}
    return found.set(host=None, port=None, query=query).render_as_string(hide_password=False)


def restart() -> None:
    """Restart the server, without letting anybody finish."""
    subprocess.run(shlex.split(os.environ[RESTART]), check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def a_page(data: Path, url: str, checkpoints: Path, lease: float = LEASE) -> Iterator[Finetunes]:
    """The finetunes of ``data`` as a page has them, over small photos."""
    small_job(data, checkpoints).delete()
    photos, queue.prepare_photos = queue.prepare_photos, lambda data: None
    finetunes = Finetunes(data, Line(url, lease))
    try:
        assert finetunes.open() == ""
    finally:
        queue.prepare_photos = photos
    yield finetunes
    finetunes.close()
    finetunes.line.close()


def namespaces() -> list[str]:
    """The words that give a process a host name and a network of its own; none where that is not allowed."""
    words = ["unshare", "--uts", "--net"]
    if not shutil.which("unshare"):
        return []
    allowed = subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    return words if allowed else []


@dataclass
class WorkerProcess:
    """``python -m decloss worker`` on a machine called ``name``, as far as it can tell."""

    name: str
    data: Path
    url: str
    log: Path
    apart: bool = True
    """Whether it has a network of its own, if that is allowed here: it then reaches the database by a file."""
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        words = [sys.executable, "-m", "decloss", "worker", "--data", str(self.data), "--lease", str(LEASE)]
        words += ["--device", "cpu"]
        url = self.url
        if apart := namespaces() if self.apart else []:
            words = [*apart, "sh", "-c", f'hostname {self.name} && exec "$@"', "sh", *words]
            url = by_socket(url)
        else:
            words += ["--name", self.name]
        environment = {**os.environ, "DECLOSS_QUEUE": url, "OMP_NUM_THREADS": "1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, cwd=ROOT, env=environment, stderr=log, stdout=log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "WorkerProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        finally:
            self.kill()


@dataclass
class PageProcess:
    """``app.py`` that shares the queue."""

    data: Path
    url: str
    checkpoints: Path
    base: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        give_examples(self.data)
        self.base.mkdir(exist_ok=True)
        options = ["--port", str(self.port), "--data", str(self.data), "--checkpoints", str(self.checkpoints)]
        environment = {**os.environ, "DECLOSS_QUEUE": self.url, "GRADIO_TEMP_DIR": str(self.base / "temporary")}
        environment |= {"CUDA_VISIBLE_DEVICES": "", "XDG_STATE_HOME": str(self.base / "state"), "OMP_NUM_THREADS": "1"}
        with (self.base / "log.txt").open("ab") as log:
            words = [sys.executable, "app.py", *options]
            self.process = subprocess.Popen(words, cwd=ROOT, env=environment, stderr=log, stdout=log)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def wait(self) -> None:
        """Until it answers."""
        wait_for(lambda: answers(self.address, self.process, self.base / "log.txt"), 240)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "PageProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        finally:
            self.kill()


def trainers(jobs: Path) -> dict[int, str]:
    """The jobs' ids by the process ids of the trainers below ``jobs`` that are alive."""
    found, parents = {}, {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            state, parent = (path.parent / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
            if b"decloss.jobs.trainer" in words and state not in "ZX":
                job = Path(os.fsdecode(words[words.index(b"decloss.jobs.trainer") + 1]))
                if job.parent.resolve() == jobs.resolve():
                    process = int(path.parent.name)
                    found[process], parents[process] = job.name, int(parent)
    # A process that a trainer starts, such as a compiler, is a copy of it for a moment.
    return {process: job for process, job in found.items() if parents[process] not in found}


@contextmanager
def never_two(jobs: Path) -> Iterator[None]:
    """Look for two trainers of one job all the time; the block must not have had any."""
    doubles: list[str] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            names = list(trainers(jobs).values())
            doubles.extend({name for name in names if names.count(name) > 1})

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
    assert not doubles


def wait_for_workers(finetunes: Finetunes, *names: str) -> None:
    """Until exactly these workers are there."""
    wait_for(lambda: sorted(worker.name for worker in finetunes.line.now().workers) == sorted(names))
