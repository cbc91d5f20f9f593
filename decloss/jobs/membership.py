"""What pages and workers that share a line agree on: the version of DECLoss, and the folder of the jobs.

The folder has a file with an id that the database knows as well. A folder that is not mounted, or another one, is found
out by it, before anything is lost.
"""

import json
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from decloss.files.atomic import write_atomically
from decloss.jobs.line import Line, LineError, Member
from decloss.jobs.record import JobError, json_file

MARK = "queue.json"
"""The file in the data directory that says whose folder it is."""


class MembershipError(JobError):
    """A page or a worker cannot share the line; the message says why, and what to do."""


@dataclass
class Membership:
    """One member of a line, and the folder that it sees."""

    line: Line
    data: Path
    me: Member
    folder: str = ""
    """The id of the folder; empty while nothing is shared."""

    def join(self) -> None:
        """Become a member.

        Raises:
            MembershipError: if the versions or the folders differ.
            LineError: if the database does not answer.
        """
        if self.line.shared:
            with self.line.alone():
                self.line.make_tables()
                self._agree()
        self.line.renew(self.me)

    def _agree(self) -> None:
        facts, here = self.line.agreed(), self._mark()
        if self.me.kind == "worker":
            self.folder = facts.get("folder", "")
            if not self.folder:
                raise MembershipError("No page has used this queue yet: start app.py with the same --queue first.")
            self._check(facts, here)
            return
        if self.folder_differs(facts, here):
            raise MembershipError(self._other_folder())
        others = [member for member in self.line.read().members if member.kind == "page"]
        if strangers := {page.version for page in others if page.version != self.me.version}:
            raise MembershipError(
                f"This is DECLoss {self.me.version}, and a page of DECLoss {min(strangers)} uses the queue: all must "
                f"be of one version. Stop that page first; a killed one is forgotten after {self.line.lease:.0f} s."
            )
        self.folder = here or uuid.uuid4().hex
        if not here:
            write_atomically(self.data / MARK, json_file({"folder": self.folder}))
        self.line.agree({"version": self.me.version, "folder": self.folder})

    @staticmethod
    def folder_differs(facts: dict[str, str], here: str) -> bool:
        """Return whether the folder is not the one that the database knows; a new database knows none."""
        return "folder" in facts and facts["folder"] != here

    def check(self) -> None:
        """Raise a ``MembershipError`` if the line was taken over by another version or another folder meanwhile."""
        if self.line.shared:
            self._check(self.line.agreed(), self.folder)

    def _check(self, facts: dict[str, str], here: str) -> None:
        if self.folder_differs(facts, here):
            raise MembershipError(self._other_folder())
        if facts.get("version") != self.me.version:
            raise MembershipError(
                f"This is DECLoss {self.me.version}, and the queue's pages are of DECLoss {facts.get('version')}: "
                f"install the same version here."
            )

    def _other_folder(self) -> str:
        return (
            f"{self.data} does not hold the finetunes of this queue: is the right folder mounted there? "
            f"(Its {MARK} is missing or another.)"
        )

    def folder_is_there(self) -> bool:
        """Return whether the folder of the jobs can be seen; while a network's folder hangs, this call hangs, too."""
        return not self.line.shared or self._mark() == self.folder

    def _mark(self) -> str:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return str(json.loads((self.data / MARK).read_bytes())["folder"])
        return ""

    def leave(self) -> None:
        """Be forgotten, if the database answers; else it forgets by itself."""
        with suppress(LineError):
            self.line.leave(self.me.id)
