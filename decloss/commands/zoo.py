"""``python -m decloss zoo``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import tyro

from decloss.commands.console import card_of
from decloss.training.checkpoint import save_checkpoint
from decloss.zoo import available_checkpoints, default_zoo, load_checkpoint, shipped_folder


@dataclass(frozen=True)
class ZooList:
    """List the shipped checkpoints with their provenance."""

    def run(self) -> int:
        for name in available_checkpoints():
            card = default_zoo().card(name)
            steps = sum(stage["step"] for stage in card["training"])
            hours = sum(stage["seconds"] for stage in card["training"]) / 3600
            print(f"{name}: {card['parameters']:,} parameters, {steps:,} steps in {hours:.1f} h", end="")
            scores = [f"{data} {scores['psnr_y']:.2f} dB" for data, scores in card["metrics"].items()]
            print("".join(f", {text}" for text in scores))
        return 0


@dataclass(frozen=True)
class ZooAdd:
    """Copy a trained checkpoint into checkpoints/ in half precision, with its card."""

    checkpoint: tyro.conf.Positional[Path]
    """NAME.safetensors of a run directory."""

    def run(self) -> int:
        model = load_checkpoint(self.checkpoint)
        card = card_of(model)
        kept = {key: card[key] for key in ("training", "metrics")}
        target = shipped_folder() / self.checkpoint.name
        save_checkpoint(model, target, kept, dtype=torch.float16)
        print(target)
        return 0


@dataclass(frozen=True)
class Zoo:
    """The shipped checkpoints."""

    command: Annotated[
        Annotated[ZooList, tyro.conf.subcommand("list")] | Annotated[ZooAdd, tyro.conf.subcommand("add")],
        tyro.conf.OmitSubcommandPrefixes,
    ]

    def run(self) -> int:
        return self.command.run()
