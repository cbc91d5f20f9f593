"""Files that are replaced while somebody reads them, as on Windows, where that fails for a moment."""

import os
import sys
from pathlib import Path

import pytest

from decloss.files import atomic
from decloss.files.atomic import remove_abandoned, replacing, write_atomically


def hold_open(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Path]:
    """Let renames fail so many times; the targets of those that did."""
    failed: list[Path] = []
    replace = Path.replace

    def deny(source: Path, target: Path) -> Path:
        if len(failed) < times:
            failed.append(target)
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", deny)
    return failed


def test_on_windows_a_file_that_is_read_is_replaced_a_moment_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    write_atomically(tmp_path / "a", b"old")
    failed = hold_open(monkeypatch, 2)
    write_atomically(tmp_path / "a", b"new")
    assert len(failed) == 2 and (tmp_path / "a").read_bytes() == b"new" and list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_two_threads_that_write_the_same_file_do_not_write_into_each_others(tmp_path: Path) -> None:
    with replacing(tmp_path / "a") as first, replacing(tmp_path / "a") as second:
        first.write(b"the first one's")
        second.write(b"new")
        assert len(list(tmp_path.glob(".a.*.part"))) == 2
    assert (tmp_path / "a").read_bytes() == b"the first one's" and list(tmp_path.iterdir()) == [tmp_path / "a"]


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_a_file_that_may_not_be_replaced_stays_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(atomic, "PATIENCE", 0.1)
    write_atomically(tmp_path / "a", b"old")
    failed = hold_open(monkeypatch, 1000)
    with pytest.raises(PermissionError):
        write_atomically(tmp_path / "a", b"new")
    assert (len(failed) > 1) == (platform == "win32")
    assert (tmp_path / "a").read_bytes() == b"old" and list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_parts_of_files_that_nobody_writes_any_more_are_deleted(tmp_path: Path) -> None:
    for name in (".a.1.part", ".b.2.part", "c.part"):
        (tmp_path / name).touch()
    for name in (".a.1.part", "c.part"):
        os.utime(tmp_path / name, (1e9, 1e9))
    remove_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".b.2.part", "c.part"]
