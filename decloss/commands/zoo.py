"""The command ``python -m decloss zoo``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from decloss.commands.zoo_train import ZooTrain
from decloss.zoo.registry import default_zoo, has_card, ship, shipped_folder


@dataclass(frozen=True)
class ZooList:
    """List the shipped checkpoints with their provenance."""

    def run(self) -> int:
        zoo = default_zoo()
        for name, path in zoo.paths().items():
            card = zoo.card(name)
            if not has_card(path):
                print(f"{name}: {card['architecture']['type']}, of another project")
                continue
            steps = sum(stage["step"] for stage in card["training"])
            hours = sum(stage["seconds"] for stage in card["training"]) / 3600
            print(f"{name}: {card['parameters']:,} parameters, {steps:,} steps in {hours:.1f} h", end="")
            measured = {data: scores.get("psnr_y") for data, scores in card["metrics"].items()}
            finite = {data: psnr for data, psnr in measured.items() if psnr is not None}  # an infinite mean is null
            print("".join(f", {data} {psnr:.2f} dB" for data, psnr in finite.items()))
        return 0


@dataclass(frozen=True)
class ZooAdd:
    """Copy a trained checkpoint into checkpoints/ in half precision, with its card."""

    checkpoint: tyro.conf.Positional[Path]
    """NAME.safetensors of a run directory."""

    def run(self) -> int:
        print(ship(self.checkpoint, shipped_folder()))
        return 0


@dataclass(frozen=True)
class Zoo:
    """The shipped checkpoints."""

    command: Annotated[
        Annotated[ZooList, tyro.conf.subcommand("list")]
        | Annotated[ZooAdd, tyro.conf.subcommand("add")]
        | Annotated[ZooTrain, tyro.conf.subcommand("train")],
        tyro.conf.OmitSubcommandPrefixes,
    ]

    def run(self) -> int:
        return self.command.run()
