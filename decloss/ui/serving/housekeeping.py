"""Housekeeping: what absent visitors hold, and files and memory that nobody needs, are given back within a minute."""

import asyncio
import contextlib
import ctypes
import logging
import platform
import re
import time
from datetime import datetime
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from decloss.ui.serving.gradio_patches import forget_session, keep_photos_of_tools_in, last_uses
from decloss.ui.serving.sweeper import Sweeper
from decloss.ui.serving.temporary import CACHE

logger = logging.getLogger(__name__)

HEARTBEAT = re.compile(r"/heartbeat/([^/]+)/?$")
"""The path that a page gets as it opens and posts to as it closes; it ends with the hash of the page's session."""
ALIVE = "data: ALIVE\n\n"
"""The whole answer there; Gradio's own never ends, and a browser holds at most six connections to a server."""
GOODBYE = """() => {
  // The browser lists only a page's first 250 requests, and this one may come later: so it is waited for.
  let heartbeat = "";
  new PerformanceObserver((list) => {
    heartbeat = list.getEntries().map(({name}) => name).find((name) => name.includes("/heartbeat/")) || heartbeat;
  }).observe({ type: "resource", buffered: true });
  addEventListener("pagehide", () => { if (heartbeat) navigator.sendBeacon(heartbeat); });
  addEventListener("pageshow", ({persisted}) => { if (persisted) location.reload(); });
}"""
"""A script with which a page tells that it closes; a page that the browser kept and shows again is loaded anew."""
MOST_PAGES = 10_000
"""The most pages that are known to be open; beyond them, those that opened longest ago are forgotten."""
ABSENCE = 45.0
"""The seconds after which a page that was closed is not expected back."""
PERIOD = 1.0
GIVE_BACK = 3.0
"""The seconds between two returns of freed memory to the system."""
ARENAS = 2
"""The heaps that all threads share, instead of eight for each core; forty threads hardly hinder each other."""
PICTURE = 1 << 20
"""The bytes from which on a block is returned when it is freed; left alone, glibc raises this to 32 MB."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # from malloc.h


def keep_house(page: gr.Blocks, folder: Path | None) -> tuple[Middleware, Sweeper | None]:
    """Return the middleware for ``page``, and the sweeper of ``folder``, which is a ``temporary_folder`` or None."""
    if folder is None:
        return Middleware(Housekeeping, page=page), None
    keep_photos_of_tools_in(folder / CACHE)
    sweeper = Sweeper(folder)
    return Middleware(Housekeeping, page=page, sweeper=sweeper), sweeper


def keep_heaps_small() -> None:
    """Set up few heaps without pictures in them, with glibc only; this must be called before there are threads.

    The C library would rather keep freed memory, in ever more pieces that nothing fits into: each request would leave
    some kilobytes, though none of its objects is left.
    """
    if _glibc():
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, ARENAS)
        library.mallopt(_M_MMAP_THRESHOLD, PICTURE)


def give_memory_back() -> None:
    """Return what is free in the heaps to the system, with glibc only: some milliseconds, without Python's lock."""
    if _glibc():
        ctypes.CDLL(None).malloc_trim(0)


def _glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"


class Housekeeping:
    """ASGI middleware that lives as long as the server: it knows which pages are open, forgets the others, and sweeps.

    Gradio keeps the state of a page that was closed for an hour, and all else that it remembers of it until ten
    thousand others came. Here the state goes with its files when the page is closed, or, for whoever has no page, when
    it was not used again. A page that went without a word, as in a crash or at a moment when it was too busy for one,
    leaves what is in its states until they expire.
    """

    def __init__(
        self,
        app: ASGIApp,
        page: gr.Blocks,
        sweeper: Sweeper | None = None,
        absence: float = ABSENCE,
    ) -> None:
        self.app = app
        self.page = page
        self.sweeper = sweeper
        self.absence = absence
        self._here: dict[str, None] = {}  # the sessions with an open page, in the order in which they came
        self._idle: dict[str, tuple[datetime, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the heartbeats by which pages open and close, and pass on all other requests."""
        if scope["type"] == "lifespan":
            work = asyncio.create_task(self._work())
            try:
                await self.app(scope, receive, send)
            finally:
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await work
        elif scope["type"] == "http" and (found := HEARTBEAT.search(scope["path"])):
            self._here.pop(found[1], None)
            if scope["method"] == "GET":
                self._here[found[1]] = None
            if len(self._here) > MOST_PAGES:
                del self._here[next(iter(self._here))]
            await Response(ALIVE, media_type="text/event-stream")(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def forget_absent(self, now: float) -> None:
        """Drop the sessions without an open page that were not used for a while; call this on the event loop."""
        used = {session: at for session, at in last_uses(self.page).items() if session not in self._here}
        # The date of the last use only tells whether a session was used again.
        self._idle = {
            session: known if (known := self._idle.get(session)) and known[0] == at else (at, now)
            for session, at in used.items()
        }
        for session in [session for session, (_, since) in self._idle.items() if now - since >= self.absence]:
            del self._idle[session]
            forget_session(self.page, session)

    async def _work(self) -> None:
        swept = given_back = time.monotonic()
        while True:
            await asyncio.sleep(PERIOD)
            try:
                self.forget_absent(time.monotonic())
                if time.monotonic() - given_back >= GIVE_BACK:
                    await asyncio.to_thread(give_memory_back)
                    given_back = time.monotonic()
                if self.sweeper is not None and self.sweeper.due(time.monotonic() - swept):
                    await asyncio.to_thread(self.sweeper.sweep)
                    swept = time.monotonic()
            except Exception as error:
                if isinstance(error, RuntimeError) and "interpreter shutdown" in str(error):
                    return  # the app is ending, and starts no more threads
                logger.exception("housekeeping did not work; it is tried again")
