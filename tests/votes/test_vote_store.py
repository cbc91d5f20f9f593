"""Votes last: kills, two processes, damaged files; and nothing is taken that no page sends."""

import csv
import io
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT

from decloss.cli import main
from decloss.votes import store as store_module
from decloss.votes.store import COLUMNS, VOTES, StoreError, VoteStore
from decloss.votes.vote import Vote

VOTE = Vote(1.5, "0" * 32, "cat.png", "1,2,96", "edsr-l1", "edsr-l1-dec", "right", 1200, "with original")
WRITER = """
import sys
from pathlib import Path
from decloss.votes.store import VoteStore
from decloss.votes.vote import Vote
store = VoteStore(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    store.add(Vote(1.5, "0" * 32, sys.argv[3], "1,2,96", "a", "b", "right", number, "pair"))
    print(number, flush=True)
"""


def start(path: Path, count: int, photo: str) -> "subprocess.Popen[str]":
    """Start a process that votes so many times, and prints each vote's number when it is kept."""
    given = [sys.executable, "-c", WRITER, str(path), str(count), photo]
    return subprocess.Popen(given, cwd=ROOT, text=True, stdout=subprocess.PIPE)


def test_a_vote_comes_back_as_it_was_and_by_classroom(tmp_path):
    store = VoteStore(tmp_path / "data" / VOTES)
    assert store.votes() == [] and store.last() == 0
    store.add(VOTE)
    other = Vote(2.0, "f" * 32, "dog.png", "0,0,64", "a", "a", "neither", 0, "pair", "abc234")
    store.add(other)
    assert (
        store.votes() == [VOTE, other]
        and store.votes(classroom="abc234") == store.votes(visitor="f" * 32) == [other]
        and store.last() == 2
    )


def test_two_processes_write_at_once_and_none_is_lost(tmp_path):
    path = tmp_path / VOTES
    writers = [start(path, 60, photo) for photo in ("one.png", "two.png")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    votes = VoteStore(path).votes()
    for photo in ("one.png", "two.png"):
        assert [vote.milliseconds for vote in votes if vote.photo == photo] == list(range(60))


def test_a_kill_loses_no_vote_that_was_confirmed(tmp_path):
    path = tmp_path / VOTES
    for attempt in range(3):
        writer = start(path, 10_000, f"{attempt}.png")
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(5 + attempt)]
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
        writer.wait(10)
        kept = [vote.milliseconds for vote in VoteStore(path).votes() if vote.photo == f"{attempt}.png"]
        confirmed = int(said[-1]) + 1
        assert kept in (list(range(confirmed)), list(range(confirmed + 1)))


def test_a_damaged_file_and_a_full_one_say_so_and_stay_as_they_are(tmp_path, monkeypatch):
    path = tmp_path / VOTES
    path.write_bytes(b"no database at all" * 100)
    for use in (lambda: VoteStore(path).add(VOTE), lambda: VoteStore(path).votes()):
        with pytest.raises(StoreError, match=r"votes\.sqlite cannot be used"):
            use()
    assert path.read_bytes().startswith(b"no database")
    path.unlink()
    monkeypatch.setattr(store_module, "MOST_VOTES", 1)
    VoteStore(path).add(VOTE)
    with pytest.raises(StoreError, match="no room"):
        VoteStore(path).add(VOTE)
    assert VoteStore(path).votes() == [VOTE]


def test_a_first_vote_that_could_not_be_written_leaves_a_file_that_reads_as_no_votes(tmp_path, monkeypatch):
    store = VoteStore(tmp_path / VOTES)
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "INDICES", ("no SQL",))
        with pytest.raises(StoreError):
            store.add(VOTE)
    assert store.path.exists() and store.votes() == [] and store.last() == 0
    store.add(VOTE)
    assert store.votes() == [VOTE]


def test_a_busy_file_is_waited_for_and_then_named(tmp_path, monkeypatch):
    path = tmp_path / VOTES
    VoteStore(path).add(VOTE)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(store_module, "WAIT", 0.2)
    started = time.monotonic()
    with pytest.raises(StoreError, match="locked"):
        VoteStore(path).add(VOTE)
    assert time.monotonic() - started >= 0.2
    holder.close()
    VoteStore(path).add(VOTE)


def test_the_command_writes_csv_and_names_a_folder_without_votes(tmp_path, capsys):
    assert main(["votes", "export", "--data", str(tmp_path)]) == 2
    assert "there are no votes" in capsys.readouterr().err
    VoteStore(tmp_path / VOTES).add(VOTE)
    assert main(["votes", "export", "--data", str(tmp_path), "--csv", str(tmp_path / "out.csv")]) == 0
    assert main(["votes", "export", "--data", str(tmp_path)]) == 0
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert capsys.readouterr().out == text
    (row,) = csv.DictReader(io.StringIO(text))
    assert tuple(row) == COLUMNS and row["choice"] == "right" and row["milliseconds"] == "1200"
    assert not {"address", "name", "ip"} & set(row)
    assert main(["votes", "rank", "--data", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("edsr-l1-dec ") and "Too few to conclude" in printed.err
    for _ in range(4):  # who prefers one of two equal pictures each time is careless
        VoteStore(tmp_path / VOTES).add(replace(VOTE, visitor="1" * 32, left="careless", right="careless"))
    assert main(["votes", "rank", "--data", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "careless" not in printed.out and "1 careless ones" in printed.err


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": float("nan")}, {"time": -1.0}, {"visitor": "Jane"}, {"photo": ""}, {"photo": "x" * 101},
        {"left": "a\nb"}, {"choice": "both"}, {"milliseconds": -1}, {"milliseconds": 10**9}, {"protocol": "x"},
        {"classroom": "ABC"},
    ],
)  # fmt: skip
def test_what_no_page_sends_is_refused(wrong):
    with pytest.raises(ValueError, match=r"vote|choice|protocol|classroom"):
        Vote(**{**VOTE.__dict__, **wrong})
