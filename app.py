"""Serve the app: ``python app.py``, with the options that ``--help`` explains."""

import argparse
import importlib.util
import os
import re
import signal
import sys
from pathlib import Path

if os.environ.get("SPACES_ZERO_GPU"):
    import spaces  # noqa: F401  # on ZeroGPU it must come before torch, and so before anything of ours

from decloss.host.listening import StartError, check_address
from decloss.host.terminal import print_anything
from decloss.host.where import QUEUE, default_data

CHECKPOINTS = "DECLOSS_CHECKPOINTS"
"""The variable for folders of checkpoints, where no options can be given: in a Space, in a container."""
HOST, PORT, ROOT, TEMPORARY = "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_ROOT_PATH", "GRADIO_TEMP_DIR"
"""Gradio's own variables that the app minds, since Spaces and containers set them."""
ROOT_FORM = re.compile(r"(https?://[^\s/?#]+)?(/[^\s/?#]+)*/?")


def main() -> None:
    """Read the options and serve until interrupted."""
    print_anything()
    parser = _parser()
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C it closes what is open, and our folder goes
    if options.mcp and importlib.util.find_spec("mcp") is None:
        parser.error("--mcp needs a package that is not installed here: pip install '.[mcp]'")
    if not ROOT_FORM.fullmatch(root := os.environ.get(ROOT, "")):
        parser.error(f"{ROOT} must be a path such as /decloss, or an address with one, got {root!r}")
    # Gradio reads all of its variables, many as it is imported, and stumbles over nonsense in them.
    for name in [name for name in os.environ if name.startswith("GRADIO_") and name not in (ROOT, TEMPORARY)]:
        del os.environ[name]
    try:
        check_address(options.host, options.port)
        from decloss.ui.start import serve  # after the variables are set, and so that --help need not wait for it

        serve(
            options.host,
            options.port,
            options.checkpoints,
            options.data,
            options.queue,
            share=options.share,
            mcp=options.mcp,
        )
    except StartError as error:
        parser.error(str(error))
    except KeyboardInterrupt:  # while the app starts or ends; in between, Gradio ends for it
        sys.exit(128 + signal.SIGINT)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Compare x4 upscalers in the browser.")
    host, port = os.environ.get(HOST) or "127.0.0.1", os.environ.get(PORT) or "7860"
    listen = "name or address to listen on, 0.0.0.0 for all (default: %(default)s)"
    parser.add_argument("--host", type=_host, default=host, help=listen)
    parser.add_argument("--port", type=_port, default=port, help="port to listen on (default: %(default)s)")
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
    parser.add_argument(
        "--queue",
        default=os.environ.get(QUEUE, ""),
        metavar="URL",
        help=f"postgresql://…: share the queue of finetunes with other pages, and let workers train, which have the "
        f"same --data; by default that of {QUEUE}, else this app trains by itself",
    )
    parser.add_argument("--mcp", action="store_true", help="also serve the API as tools for language models (MCP)")
    return parser


def _host(text: str) -> str:
    """Return a host without the brackets that an address of version 6 has in the address of a page."""
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, got {text!r} (from --port or {PORT})")
    return int(text)


if __name__ == "__main__":
    main()
