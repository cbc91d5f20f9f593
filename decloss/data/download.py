"""Large downloads that survive dropped connections, and the archives they bring."""

import http.client
import shutil
import socket
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

CHUNK = 2**20
TIMEOUT = 30.0
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""The seconds to wait after failures in a row; after the last one we give up. Any progress starts anew."""
DIV2K_ADDRESS = "https://data.vision.ee.ethz.ch/cvl/DIV2K/"
DIV2K = {"train": ("DIV2K_train_HR", 800), "valid": ("DIV2K_valid_HR", 100)}
"""The name of the archive and of its folder, and the number of its images, by part."""

# A function that is called with the bytes so far and in all (0 if the server does not say).
Report = Callable[[int, int], None]


class DownloadError(OSError):
    """A download failed for good; what there is stays, and the same call goes on from there."""


def download(url: str, path: Path, report: Report = lambda done, total: None) -> None:
    """Fetch ``url`` into ``path``, going on after every dropped connection and after earlier calls.

    The part so far is ``path`` with ".part" added, and ".tag" tells which version of the file it is of.

    Raises:
        DownloadError: if the server cannot be reached, answers with an error, or sends another size than it says.
    """
    part, tag = (path.with_name(path.name + suffix) for suffix in (".part", ".tag"))
    path.parent.mkdir(parents=True, exist_ok=True)
    failures, reached = 0, False
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            total = _fetch(url, part, tag, report)
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise DownloadError(f"{url} answers {error.code} ({error.reason})") from error
            reason: Exception = error
        # Only failures of the network are tried again: other errors of the system are the disk's.
        except (urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException) as error:
            reason = error
        else:
            size = part.stat().st_size
            if total in (0, size):
                part.replace(path)
                tag.unlink(missing_ok=True)
                return
            if size > total:
                part.unlink()
                raise DownloadError(f"{url} sent {size:,} bytes instead of {total:,}: start again")
            reason = ConnectionError(f"{size:,} of {total:,} bytes")
        grown = part.exists() and part.stat().st_size > before
        reached = reached or grown
        failures = 0 if grown else failures + 1
        offline = not reached and isinstance(getattr(reason, "reason", None), socket.gaierror)  # no name resolves
        if offline or failures > len(PAUSES):
            raise DownloadError(
                f"{url} cannot be fetched ({getattr(reason, 'reason', reason)}): connect this machine to the internet "
                f"and run the same command again; it goes on where it stopped"
            ) from reason
        time.sleep(PAUSES[max(0, failures - 1)])


def _fetch(url: str, part: Path, tag: Path, report: Report) -> int:
    """Append to ``part`` what one connection sends, and return the size of the whole file, 0 if unknown."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url)
    if have and tag.exists():
        request.add_header("Range", f"bytes={have}-")
        # With this header, another version of the file is sent from its start.
        request.add_header("If-Range", tag.read_text(encoding="utf-8"))
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        whole = error.headers.get("Content-Range", "").rpartition("/")[2]
        if error.code == 416 and whole == str(have):  # nothing is left to send
            return have
        raise
    with response:
        version = response.headers.get("ETag") or response.headers.get("Last-Modified")
        if version and not version.startswith("W/"):
            tag.write_text(version, encoding="utf-8")
        else:  # this version cannot be told from others, so the next connection starts anew
            tag.unlink(missing_ok=True)
        more = response.status == 206
        length = int(response.headers.get("Content-Length") or 0)
        total = length + (have if more else 0) if length else 0
        done = have if more else 0
        with part.open("ab" if more else "wb") as file:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                report(done, total)
    return total


def unpack_images(archive: Path, folder: Path, expected: int, report: Report = lambda done, total: None) -> None:
    """Unpack the images of ``archive`` into ``folder``, without its own folders; what is there already is left alone.

    Every file is written whole or not at all; zip's checksums are checked on the way.

    Raises:
        ValueError: if the archive is damaged (it is then deleted) or does not hold ``expected`` images.
        OSError: if the disk is too small.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            entries = [entry for entry in content.infolist() if entry.filename.lower().endswith(".png")]
            if len(entries) != expected:
                raise ValueError(f"{archive} holds {len(entries)} images, expected {expected}")
            folder.mkdir(parents=True, exist_ok=True)
            needed, free = sum(entry.file_size for entry in entries), shutil.disk_usage(folder).free
            present = {path.name: path.stat().st_size for path in folder.iterdir()}
            needed -= sum(present.get(Path(entry.filename).name, 0) for entry in entries)
            if needed > free:
                raise OSError(f"{folder} needs {needed / 1e9:.1f} GB, the disk has {free / 1e9:.1f} GB left")
            for number, entry in enumerate(entries, 1):
                name = Path(entry.filename).name
                if present.get(name) != entry.file_size:
                    temporary = folder / f".{name}.part"
                    with content.open(entry) as source, temporary.open("wb") as target:
                        shutil.copyfileobj(source, target, CHUNK)
                    temporary.replace(folder / name)
                report(number, expected)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        archive.unlink()
        raise ValueError(f"{archive} was damaged ({error}) and is deleted: run the same command again") from error
