"""Serving the page with the options of ``app.py``, until it is interrupted."""

import contextlib
import gc
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.request import getproxies_environment

import torch

from decloss.host.listening import StartError
from decloss.host.where import on_zerogpu
from decloss.jobs.line import Line
from decloss.jobs.queue import Finetunes
from decloss.ui.interface import build_interface, launch_options
from decloss.ui.serving.gradio_check import UnknownGradio, check_gradio
from decloss.ui.serving.housekeeping import keep_heaps_small
from decloss.ui.serving.temporary import temporary_folder
from decloss.zoo.registry import default_zoo

logger = logging.getLogger(__name__)

ICON = Path(__file__).resolve().parent.parent.parent / "assets" / "icon.svg"
SWITCH = 0.0005
"""The seconds after which a computing thread lets another one in; Python's own 5 ms make short answers wait."""


def _make_ahead(tasks: Sequence[Callable[[], None]]) -> None:
    """Make one after the other what all visitors will share; without it, each visitor makes it who asks for it."""
    torch.set_num_threads(1)  # in this thread alone: visitors come first
    for task in tasks:
        try:
            task()
        except Exception:
            logger.exception("What visitors share could not be made ahead.")


def serve(
    host: str, port: int, checkpoints: Sequence[Path], data: Path, queue: str = "", *, share: bool, mcp: bool
) -> None:
    """Serve the page until it is interrupted.

    Args:
        host: a name or an address to listen on.
        port: the port to listen on.
        checkpoints: folders of further checkpoints.
        data: the folder where finetunes are kept.
        queue: the address of the database of a queue that is shared with other pages and workers; empty for none.
        share: whether Gradio makes a temporary public link.
        mcp: whether the API is served as tools for language models, too.

    Raises:
        StartError: if a folder of checkpoints does not exist, temporary files cannot be written, it cannot listen, or
            the Gradio that is installed is not the one that the app knows; or if a shared queue cannot be used.
    """
    keep_heaps_small()
    sys.setswitchinterval(SWITCH)
    with contextlib.ExitStack() as stack:
        try:
            check_gradio()
            zoo = default_zoo(*checkpoints)
            line = Line(queue)
            folder = stack.enter_context(temporary_folder())
        except (UnknownGradio, ValueError, OSError) as error:
            raise StartError(str(error)) from error
        if queue and on_zerogpu():
            raise StartError("ZeroGPU lends its GPU to the page only: --queue is for other machines.")
        finetunes = Finetunes(data, line)
        missing = finetunes.open()
        stack.callback(finetunes.close)
        if missing and queue:
            raise StartError(missing)
        if missing:
            print(missing, file=sys.stderr)
        page = build_interface(zoo, finetunes, missing)
        threading.Thread(target=_make_ahead, args=(page.ahead,), daemon=True).start()
        gc.collect()
        gc.freeze()  # what exists now stays: looking through it again and again would stop everything for a moment
        # Gradio asks itself whether it can be reached, which must not go through a proxy: that knows no way back.
        own = (getproxies_environment().get("no"), "localhost", host)
        os.environ["no_proxy"] = ",".join(name for name in own if name)
        try:
            page.launch(
                server_name=f"[{host}]" if ":" in host else host,  # the address of a page has IPv6 in brackets
                server_port=port,
                share=share,
                mcp_server=mcp,
                favicon_path=ICON,
                **launch_options(page, folder, mcp=mcp),
            )
        except OSError as error:
            raise StartError(f"cannot serve on {host}, port {port} ({error})") from error
