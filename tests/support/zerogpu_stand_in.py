"""A stand-in for ZeroGPU's scheduler: a local server that the real ``spaces`` client talks to, and a Space's process.

The real service was never called, and there is no GPU: the server answers as the client's source reads it, and of the
client only the two calls that need the GPU are left out. Everything else is the client's: its patches of torch, the
forked worker, what is pickled to and from it, its errors. Run as a script, this is that Space:
``python tests/support/zerogpu_stand_in.py JOB SECONDS...`` trains JOB once for each length of slices and prints what is
told.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

QUOTA = {"left": 5, "wait": 3600}


@dataclass
class Scheduler:
    grants: list[bool] = field(default_factory=list)
    """Whether the next requests get a GPU; those after them do."""
    url: str = ""
    asked: list[int] = field(default_factory=list)
    """Seconds asked for, in order."""
    workers: list[int] = field(default_factory=list)
    """Process ids that said they would use a GPU."""

    def answer(self, path: str, values: dict[str, str]) -> tuple[int, object]:
        if path == "/allow":
            self.workers.append(int(values["pid"]))
        if path != "/schedule":
            return 200, {}
        self.asked.append(int(values["durationSeconds"]))
        granted = self.grants.pop(0) if self.grants else True
        gpu = {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "GPU-none", "allowToken": f"token{len(self.asked)}"}
        return (200, gpu) if granted else (429, QUOTA)


@contextmanager
def zerogpu_stand_in(*grants: bool) -> Iterator[Scheduler]:
    """A running scheduler."""
    scheduler = Scheduler(list(grants))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"scheduler": scheduler}))
    scheduler.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield scheduler
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    scheduler: Scheduler

    def log_message(self, *arguments: object) -> None:
        pass

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        values = {name: found[0] for name, found in parse_qs(address.query).items()}
        status, content = self.scheduler.answer(address.path, values)
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def space(path: str, lengths: list[str]) -> None:
    """What a Space's process does."""
    import os
    import sys
    from pathlib import Path

    import spaces  # noqa: F401  # before torch, as ZeroGPU wants it
    import spaces.zero.torch

    spaces.zero.torch.init = lambda nvidia_uuid: None  # there is no GPU to take hold of,
    spaces.zero.torch.move = lambda callback: None  # or to move tensors to
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
    from decloss.jobs.directory import Job
    from decloss.jobs.zerogpu import run_in_slices

    tell({"process": os.getpid()})
    for seconds in lengths:
        for news in run_in_slices(Job(Path(path)), float(seconds)):
            tell(news)


def tell(news: dict[str, object]) -> None:
    """In one piece, and at once: workers are forked with what waits to be written, and write, too."""
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    import sys

    space(sys.argv[1], sys.argv[2:])
