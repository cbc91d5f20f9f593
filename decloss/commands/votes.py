"""The command ``python -m decloss votes``."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from decloss.commands.console import say
from decloss.host.where import default_data
from decloss.votes.store import VOTES, StoreError, VoteStore
from decloss.votes.vote import Vote


@dataclass(frozen=True)
class Export:
    """Write all votes of the blind test as CSV, one line a vote."""

    data: Path = field(default_factory=default_data)
    """The app's data folder, as for ``python app.py --data``."""
    csv: Path | None = None
    """The file to write; without it, the votes are printed."""

    def run(self) -> int:
        votes = _read(self.data)
        if self.csv is None:
            VoteStore.write(votes, sys.stdout)
        else:
            with self.csv.open("w", encoding="utf-8", newline="") as file:
                VoteStore.write(votes, file)
            say(f"{self.csv}: {len(votes)} votes")
        return 0


@dataclass(frozen=True)
class Rank:
    """Print the networks in the order of visitors' eyes, with 95 % intervals over visitors."""

    data: Path = field(default_factory=default_data)
    """The app's data folder, as for ``python app.py --data``."""
    classroom: str = ""
    """Only the votes of the classroom with this code."""

    def run(self) -> int:
        from decloss.votes.ranking import (  # it brings SciPy, which --help does without
            LEAST_VISITORS,
            LEAST_VOTES,
            rank,
        )
        from decloss.votes.visitors import count_ballots

        votes = _read(self.data, self.classroom)
        names = sorted({name for vote in votes for name in (vote.left, vote.right)})
        ballots = count_ballots(votes, names)
        ranking = rank(ballots)
        # Careless votes do not count: a network that only they have met has no place.
        order = sorted(ballots.met.nonzero()[0], key=lambda each: -ranking.strengths[each])
        for each in order:
            low, high = ranking.low[each], ranking.high[each]
            print(f"{names[each]:40} {ranking.strengths[each]:+.2f}  [{low:+.2f}, {high:+.2f}]")
        say(
            f"{ranking.votes} votes of {ranking.visitors} visitors count; {ranking.careless} careless ones are left out"
        )
        if not ranking.says_anything:
            say(f"Too few to conclude anything: {LEAST_VOTES} votes of {LEAST_VISITORS} visitors are needed.")
        return 0


def _read(data: Path, classroom: str = "") -> list[Vote]:
    path = data / VOTES
    if not path.is_file():
        raise ValueError(f"there are no votes in {data}: {VOTES} is missing")
    try:
        return VoteStore(path).votes(classroom=classroom)
    except StoreError as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True)
class Votes:
    """What visitors found better looking in the app's blind test."""

    command: Annotated[
        Annotated[Export, tyro.conf.subcommand("export")] | Annotated[Rank, tyro.conf.subcommand("rank")],
        tyro.conf.OmitSubcommandPrefixes,
    ]

    def run(self) -> int:
        return self.command.run()
