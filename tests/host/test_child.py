"""Child processes end with the app, however it ends: all of them, each in the midst of its work."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT, sample_photo
from small_job import small_job

from decloss.files.images import encode_png
from decloss.host import child
from decloss.jobs.directory import Job, JobState

CALLER = """
import subprocess, sys, threading, time
from pathlib import Path

class Told(subprocess.Popen):
    def __init__(self, *words, **options):
        super().__init__(*words, **options)
        if "-m" in words[0]:  # torch starts processes, too
            print(self.pid, flush=True)

def begun():
    print("begun", flush=True)

subprocess.Popen = Told
job, temporary = map(Path, sys.argv[1:])
"""
CHILDREN = {
    "decoder": f"""
from decloss.files.sandbox import Pool
pool = Pool(1)
pool.decode(bytes.fromhex({encode_png(sample_photo(20, 20)).hex()!r}))
begun()
time.sleep(600)
""",
    "t-SNE": """
import numpy as np
from decloss.views.projection import project
for share in project(np.random.default_rng(0).normal(size=(3000, 40)), 50, 0):
    if share:
        begun()
""",
    "trainer and estimate": """
from decloss.jobs.directory import Job
from decloss.jobs.estimate import estimate
from decloss.jobs.supervisor import supervise
job = Job(job)
threading.Thread(target=supervise, args=(job, threading.Event())).start()
while not job.metrics():
    time.sleep(0.1)
for _ in estimate(job.settings, job.start_checkpoint, job.path.parent.parent):
    if list(temporary.glob("*/jobs/*/phase")):
        begun()
""",
}
LONGEST = 60.0


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # A process that nobody waits for any more may be kept as a zombie.
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(os.name == "nt", reason="looks at processes as POSIX has them")
@pytest.mark.parametrize("kind", CHILDREN)
def test_a_child_ends_with_an_app_that_is_killed_and_leaves_no_temporary_file(
    tmp_path: Path, tiny_checkpoints: Path, kind: str
) -> None:
    job: Job = small_job(tmp_path / "data", tiny_checkpoints, steps=2000)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", CALLER + CHILDREN[kind], str(job.path), str(temporary)]
    # PyTorch's compiler makes a folder of its own there, which is to stay, as soon as torchvision is imported.
    environment = {**os.environ, "TMPDIR": str(temporary), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "compiled")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        pids = [int(line) for line in iter(app.stdout.readline, "begun\n")]
        assert pids and all(runs(pid) for pid in pids)
        app.kill()
    until = time.monotonic() + LONGEST
    while any(runs(pid) for pid in pids) or any(temporary.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert job.state is JobState.WAITING  # the trainer's work is saved, and goes on
    assert (job.saved_step() > 0) == (kind == "trainer and estimate")


def test_on_windows_a_child_does_not_read_its_input_but_looks_whether_it_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []

    def peek(handle: int, size: int) -> tuple[int, int]:
        looks.append(handle)
        if len(looks) == 3:
            raise BrokenPipeError(109, "The pipe has been ended")
        return 0, 0

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(child, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(os, "read", None)  # as long as a thread waits in it, SciPy cannot be imported there
    monkeypatch.setitem(sys.modules, "_winapi", SimpleNamespace(PeekNamedPipe=peek))
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(get_osfhandle=lambda number: number + 100))
    ended = threading.Event()
    child.when_caller_ends(ended.set)
    assert ended.wait(20) and looks == [100] * 3
