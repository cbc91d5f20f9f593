"""A stand-in for the Hugging Face Hub and its Jobs: a local server that the real huggingface_hub client talks to.

The real service was never called: what the server answers follows the client's source. It keeps repositories in memory,
takes large files of Spaces by LFS and all others as regular ones, and runs a job for real, as a process of this
machine, but for the line's installation of packages, which are here already.
"""

import base64
import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_standInTokenOfAVisitor"
USER = "visitor"


@dataclass
class Repository:
    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: int = 0
    large: set[str] = field(default_factory=set)
    """Paths that came by LFS."""
    space: dict[str, Any] = field(default_factory=dict)
    """Of a Space: its sdk and hardware."""
    message: str = ""
    """Of the last commit."""

    @property
    def sha(self) -> str:
        return hashlib.sha1(str(self.commits).encode()).hexdigest()


@dataclass
class RentedJob:
    spec: dict[str, Any]
    process: subprocess.Popen[str] | None = None
    output: str = ""
    cancelled: bool = False

    @property
    def stage(self) -> str:
        if self.cancelled:
            return "CANCELED"
        if self.process is None or (status := self.process.poll()) is None:
            return "RUNNING"
        return "ERROR" if status else "COMPLETED"


@dataclass
class Hub:
    folder: Path
    """Where jobs run."""
    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    jobs: dict[str, RentedJob] = field(default_factory=dict)
    runs_jobs: bool = True
    answers: dict[str, int] = field(default_factory=dict)
    """A part of an address to the status that it is answered with instead."""
    authorizations: set[str | None] = field(default_factory=set)
    objects: dict[str, bytes] = field(default_factory=dict)
    """Large files by their SHA-256."""

    def run(self, spec: dict[str, Any]) -> str:
        """Start the job; its id."""
        job_id = f"job{len(self.jobs)}"
        job = self.jobs[job_id] = RentedJob(spec)
        if self.runs_jobs:
            parts = spec["command"][2].split(" && ")
            assert parts[0].startswith("pip install "), parts
            place = self.folder / job_id
            place.mkdir()
            script = " && ".join(parts[1:]).replace("cd /tmp", f"cd {shlex.quote(str(place))}")
            environment = {key: os.environ[key] for key in ("HOME", "LANG", "DECLOSS_BACKBONES") if key in os.environ}
            environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
            environment |= {"CUDA_VISIBLE_DEVICES": ""} | spec["environment"] | spec["secrets"]
            job.process = subprocess.Popen(
                ["bash", "-c", script],
                env=environment,
                stdout=(place / "output.txt").open("wb"),
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        return job_id

    def wait(self, job_id: str) -> str:
        """Until the job has ended; what it printed."""
        process = self.jobs[job_id].process
        assert process is not None
        process.wait(timeout=120)
        return self.printed(job_id)

    def printed(self, job_id: str) -> str:
        path = self.folder / job_id / "output.txt"
        return path.read_text(encoding="utf-8") if path.exists() else self.jobs[job_id].output

    def cancel(self, job_id: str) -> None:
        job = self.jobs[job_id]
        job.cancelled = True
        if job.process is not None and job.process.poll() is None:
            os.killpg(job.process.pid, signal.SIGKILL)
            job.process.wait()


@contextmanager
def hub_stand_in(folder: Path) -> Iterator[Hub]:
    """A running stand-in; jobs that still run at its end are killed."""
    hub = Hub(folder)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        for job_id in hub.jobs:
            hub.cancel(job_id)
        server.shutdown()
        server.server_close()


class RefusalError(Exception):
    """An answer that is an error: status, the Hub's code for it, and what else it says."""

    def __init__(self, status: int, code: str, **more: str) -> None:
        super().__init__(code)
        self.status, self.code, self.more = status, code, more


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, token = unquote(urlsplit(self.path).path), self.headers.get("Authorization")
        self.hub.authorizations.add(token)
        status, headers = 200, {"Content-Type": "application/json"}
        try:
            for part, refused in self.hub.answers.items():
                if part in path:
                    raise RefusalError(refused, f"no, {token}")
            if token != f"Bearer {TOKEN}" and not path.startswith("/objects/"):  # the storage knows no tokens
                raise RefusalError(401, "Invalid credentials in Authorization header")
            content = self._answer(path, body, headers)
        except RefusalError as error:
            status, content = error.status, {"error": error.code, **error.more}
            headers |= {"X-Error-Code": error.code, "X-Error-Message": error.code}
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

    def _answer(self, path: str, body: bytes, headers: dict[str, str]) -> Any:
        for method, pattern, answer in ROUTES:
            if method == self.command.replace("HEAD", "GET") and (match := re.fullmatch(pattern, path)):
                return answer(Request(self.hub, body, headers), *match.groups())
        raise RefusalError(501, f"the stand-in has no {self.command} {path}")


@dataclass
class Request:
    """One request; its methods return bytes, or what becomes JSON."""

    hub: Hub
    body: bytes
    headers: dict[str, str]
    """Of the answer."""

    @property
    def content(self) -> Any:
        return json.loads(self.body)

    # The Hub.

    def whoami(self) -> Any:
        return {"name": USER, "type": "user", "orgs": []}

    def validate_yaml(self) -> Any:
        if not self.content["content"].startswith("---\n"):
            raise RefusalError(400, "no front matter")
        return {"errors": [], "warnings": []}

    def create(self) -> Any:
        owner = self.content["organization"] or USER
        name = f"{owner}/{self.content['name']}"
        if owner != USER:
            raise RefusalError(403, "not your namespace")
        if name in self.hub.repositories:
            raise RefusalError(409, "You already created this repo", url=f"{self.hub.url}/{name}")
        space = {"sdk": self.content["sdk"]} if self.content.get("type") == "space" else {}
        self.hub.repositories[name] = Repository(self.content.get("visibility") == "private", space=space)
        return {"url": f"{self.hub.url}/{name}", "name": name}

    def repository(self, name: str) -> Repository:
        if name not in self.hub.repositories:
            raise RefusalError(404, "RepoNotFound")
        return self.hub.repositories[name]

    def info(self, name: str) -> Any:
        found = self.repository(name)
        siblings = [{"rfilename": path} for path in found.files]
        return {"id": name, "modelId": name, "private": found.private, "sha": found.sha, "siblings": siblings}

    def preupload(self, name: str) -> Any:
        by_lfs = (".safetensors", ".png") if self.repository(name).space else ()  # as a new Space's .gitattributes say
        paths = [file["path"] for file in self.content["files"]]
        modes = {path: "lfs" if path.endswith(by_lfs) else "regular" for path in paths}
        return {"files": [{"path": path, "uploadMode": mode, "shouldIgnore": False} for path, mode in modes.items()]}

    def lfs_batch(self, name: str) -> Any:
        self.repository(name)
        wanted = [file for file in self.content["objects"] if file["oid"] not in self.hub.objects]
        to = {file["oid"]: {"upload": {"href": f"{self.hub.url}/objects/{file['oid']}"}} for file in wanted}
        return {
            "objects": [
                {**file, **({"actions": to[file["oid"]]} if file in wanted else {})} for file in self.content["objects"]
            ]
        }

    def store(self, oid: str) -> Any:
        assert hashlib.sha256(self.body).hexdigest() == oid
        self.hub.objects[oid] = self.body
        return b""

    def hardware(self, name: str) -> Any:
        self.repository(name).space["hardware"] = self.content["flavor"]
        return {"stage": "BUILDING", "hardware": {"current": None, "requested": self.content["flavor"]}}

    def commit(self, name: str) -> Any:
        repository = self.repository(name)
        for line in map(json.loads, self.body.splitlines()):
            if line["key"] == "header":
                repository.message = line["value"]["summary"]
            elif line["key"] == "file":
                repository.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "lfsFile":
                repository.files[line["value"]["path"]] = self.hub.objects[line["value"]["oid"]]
                repository.large.add(line["value"]["path"])
            elif line["key"] == "deletedFile":
                del repository.files[line["value"]["path"]]
        repository.commits += 1
        return {"commitUrl": f"{self.hub.url}/{name}/commit/{repository.sha}", "commitOid": repository.sha}

    def paths_info(self, name: str) -> Any:
        wanted = parse_qs(self.body.decode())["paths"]
        return [entry for entry in self.tree(name) if entry["path"] in wanted]

    def tree(self, name: str) -> Any:
        files = self.repository(name).files.items()
        return [{"type": "file", "path": path, "size": len(found), "oid": _oid(found)} for path, found in files]

    def resolve(self, name: str, path: str) -> bytes:
        repository = self.repository(name)
        if path not in repository.files:
            raise RefusalError(404, "EntryNotFound")
        self.headers |= {"ETag": f'"{_oid(repository.files[path])}"', "X-Repo-Commit": repository.sha}
        return repository.files[path]

    # Jobs.

    def run_job(self) -> Any:
        return self.inspect_job(self.hub.run(self.content))

    def inspect_job(self, job_id: str) -> Any:
        if (job := self.hub.jobs.get(job_id)) is None:
            raise RefusalError(404, "JobNotFound")
        secrets = dict.fromkeys(job.spec.get("secrets", {}))  # the service does not tell them again
        status = {"stage": job.stage, "message": None}
        owner = {"id": "0", "name": USER, "type": "user"}
        return {"id": job_id, **job.spec, "secrets": secrets, "owner": owner, "status": status}

    def cancel_job(self, job_id: str) -> Any:
        self.inspect_job(job_id)
        self.hub.cancel(job_id)
        return self.inspect_job(job_id)

    def job_logs(self, job_id: str) -> bytes:
        lines = ["===== Job started at 2025-01-01 =====", *self.hub.printed(job_id).splitlines()]
        events = [{"timestamp": "2025-01-01T00:00:00.000Z", "data": line} for line in lines]
        self.headers["Content-Type"] = "text/event-stream"
        return "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


NAME = "([^/]+/[^/]+)"
API = "/api/(?:models|spaces)"
JOBS = f"/api/jobs/{USER}"
ROUTES = [
    ("GET", "/api/whoami-v2", Request.whoami),
    ("POST", "/api/validate-yaml", Request.validate_yaml),
    ("POST", "/api/repos/create", Request.create),
    ("GET", f"{API}/{NAME}(?:/revision/[^/]+)?", Request.info),
    ("POST", f"{API}/{NAME}/preupload/[^/]+", Request.preupload),
    ("POST", f"{API}/{NAME}/commit/[^/]+", Request.commit),
    ("POST", f"{API}/{NAME}/paths-info/[^/]+", Request.paths_info),
    ("GET", f"{API}/{NAME}/tree/[^/]+", Request.tree),
    ("GET", f"/{NAME}/resolve/[^/]+/(.+)", Request.resolve),
    ("POST", f"/spaces/{NAME}.git/info/lfs/objects/batch", Request.lfs_batch),
    ("PUT", "/objects/(.+)", Request.store),
    ("POST", f"{API}/{NAME}/hardware", Request.hardware),
    ("POST", JOBS, Request.run_job),
    ("GET", f"{JOBS}/([^/]+)", Request.inspect_job),
    ("POST", f"{JOBS}/([^/]+)/cancel", Request.cancel_job),
    ("GET", f"{JOBS}/([^/]+)/logs", Request.job_logs),
]
