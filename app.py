"""Serve the app: ``python app.py [--host HOST] [--port PORT] [--share] [--checkpoints DIR] [--data DIR] [--mcp]``."""

import argparse
import gc
import importlib.util
import os
import signal
import sys
from pathlib import Path

if os.environ.get("SPACES_ZERO_GPU"):
    import spaces  # noqa: F401  # on ZeroGPU it must come before torch, and so before anything of ours

from decloss.host.where import storage
from decloss.jobs.queue import Finetunes
from decloss.ui.interface import build_interface, launch_options
from decloss.ui.serving.gradio_check import UnknownGradio, check_gradio
from decloss.ui.serving.housekeeping import keep_heaps_small
from decloss.ui.serving.temporary import temporary_folder
from decloss.zoo.registry import default_zoo

ICON = Path(__file__).parent / "assets" / "icon.svg"
SWITCH = 0.0005
"""Seconds after which a thread that computes lets another one in; Python's own 5 ms make short answers wait."""
CHECKPOINTS = "DECLOSS_CHECKPOINTS"
"""The variable for folders of checkpoints, where no options can be given: in a Space, in a container."""


def main() -> None:
    """Read the options and serve until interrupted."""
    parser = argparse.ArgumentParser(description="Compare x4 upscalers in the browser.")
    # Gradio's own variables, which Spaces and containers set, give the defaults.
    host = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    port = os.environ.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help=f"address to listen on, 0.0.0.0 for all (default: {host})")
    parser.add_argument("--port", type=int, default=port, help=f"port to listen on (default: {port})")
    parser.add_argument("--share", action="store_true", help="also make a temporary public link through Gradio")
    parser.add_argument(
        "--checkpoints",
        type=Path,
        action="append",
        default=[Path(folder) for folder in os.environ.get(CHECKPOINTS, "").split(os.pathsep) if folder],
        metavar="DIR",
        help=f"a folder of further checkpoints; those named by {CHECKPOINTS} are added, too",
    )
    parser.add_argument(
        "--data", type=Path, default=default_data(), help="where finetunes are kept (default: %(default)s)"
    )
    parser.add_argument("--mcp", action="store_true", help="also serve the API as tools for language models (MCP)")
    options = parser.parse_args()
    keep_heaps_small()
    sys.setswitchinterval(SWITCH)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what is open is closed, our folder goes
    if options.mcp and importlib.util.find_spec("mcp") is None:
        parser.error("--mcp needs a package that is not installed here: pip install '.[mcp]'")
    try:
        check_gradio()
        zoo = default_zoo(*options.checkpoints)
    except (UnknownGradio, ValueError) as error:
        parser.error(str(error))
    with temporary_folder() as folder:
        finetunes = Finetunes(options.data)
        page = build_interface(zoo, finetunes, finetunes.open())
        gc.collect()
        gc.freeze()  # what there is by now stays: looking through it again and again would stop everything for a moment
        try:
            page.launch(
                server_name=options.host,
                server_port=options.port,
                share=options.share,
                mcp_server=options.mcp or None,
                favicon_path=ICON,
                **launch_options(page, folder, mcp=options.mcp),
            )
        except OSError as error:
            parser.error(
                f"cannot serve on {options.host}:{options.port}, perhaps it is in use; try another --port ({error})"
            )
        finally:
            finetunes.close()


def default_data() -> Path:
    """A Space's storage if it has one; else the user's folder for what programs keep, by the custom of the system."""
    if (lasting := storage()) is not None:
        return lasting / "decloss"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "decloss"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "decloss"


if __name__ == "__main__":
    main()
