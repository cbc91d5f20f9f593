"""The command line: ``python -m decloss train | evaluate | upscale | zoo``."""

import tyro

from decloss.commands.console import say
from decloss.commands.evaluate import Evaluate
from decloss.commands.train import Train
from decloss.commands.upscale import Upscale
from decloss.commands.zoo import Zoo

COMMANDS = {"train": Train, "evaluate": Evaluate, "upscale": Upscale, "zoo": Zoo}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status (2 when something given to it was wrong)."""
    app = tyro.extras.SubcommandApp()
    for name, command in COMMANDS.items():
        app.command(name=name)(command)
    chosen = app.cli(prog="python -m decloss", args=arguments, config=(tyro.conf.OmitArgPrefixes,))
    try:
        return int(chosen.run())
    except (ValueError, FloatingPointError, OSError) as error:
        say(f"error: {error}")
        return 2
