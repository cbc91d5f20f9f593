"""The command line: ``python -m decloss train | evaluate | upscale | zoo | data | report | space | votes | worker``."""

import signal
import sys
from typing import Annotated, Any, Union

import tyro

from decloss.commands.console import say
from decloss.commands.data import Data
from decloss.commands.evaluate import Evaluate
from decloss.commands.report import Report
from decloss.commands.space import Space
from decloss.commands.train import Train
from decloss.commands.upscale import Upscale
from decloss.commands.votes import Votes
from decloss.commands.worker import Worker
from decloss.commands.zoo import Zoo
from decloss.host.terminal import print_anything

INTERRUPTED = 128 + signal.SIGINT
COMMANDS = {kind.__name__.lower(): kind for kind in (Train, Evaluate, Upscale, Zoo, Data, Report, Space, Votes, Worker)}
"""The dataclasses that read the options of a command and run it, by the word after ``python -m decloss``."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command, and return the exit status: 2 if something given to it was wrong, 130 after Ctrl-C."""
    print_anything()
    given = sys.argv[1:] if arguments is None else arguments
    defaults = {"train": Train.defaults(given)}  # those of the recipe, so that --help and the command agree
    kinds = [Annotated[kind, tyro.conf.subcommand(name, default=defaults.get(name))] for name, kind in COMMANDS.items()]
    every: Any = Union[tuple(kinds)]  # noqa: UP007  # from a list that is only known here
    chosen = tyro.cli(every, prog="python -m decloss", args=given, config=(tyro.conf.OmitArgPrefixes,))
    try:
        return int(chosen.run())
    except (ValueError, FloatingPointError, OSError, RuntimeError) as error:
        if isinstance(error, RuntimeError):
            from decloss.models.backbones import BackboneUnavailableError  # it brings torch, which --help does without

            if not isinstance(error, BackboneUnavailableError):
                raise
        say(f"error: {error}")
        return 2
    except ModuleNotFoundError as error:  # of the app's packages, which the library alone does not bring
        package = (error.name or "").partition(".")[0]
        if package == "decloss":
            raise
        say(f"error: this needs {package}: pip install -r requirements.txt")
        return 2
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
