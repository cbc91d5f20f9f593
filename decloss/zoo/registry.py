"""The registry of checkpoints: those shipped here, in the order of the paper's Table 1, and folders of one's own.

Names and cards need no torch: what loads networks is imported where one is loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Container
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from decloss.zoo.card import Card, CheckpointError, read_card

if TYPE_CHECKING:
    from torch import nn

    from decloss.models.sharpening import Sharpened

TABLE_1_NAMES = (
    "edsr-l1",
    "edsr-l1-dec",
    "edsr-l1-vgg",
    "edsr-l1-vgg-gan",
    "edsr-l1-vgg-ragan",
    "edsr-l1-vgg-dec",
    "edsr-l1-vgg-dec-ragan",
    "rrdb-l1-vgg-dec",
    "rrdb-l1-vgg-ragan",
    "rrdb-l1-vgg-dec-ragan",
)
"""The ten rows of the paper's Table 1, in its order: NETWORK-l1, then the other terms of the loss."""
BICUBIC = "bicubic"
TWIN_OF = "edsr-l1"
SHARPENED = f"{TWIN_OF}-sharpened"
"""The sharpened twin of ``TWIN_OF``: its pictures after an unsharp mask, which a loss must beat."""
# Names that checkpoints cannot have, since pictures that stand beside theirs have them.
RESERVED = (BICUBIC, SHARPENED, "HR", "LR")
SUFFIXES = (".safetensors", ".pth", ".pt")
"""The endings of networks' files; those with pickles are for the command line alone, and from other projects."""
BICUBIC_CARD: Card = {"name": BICUBIC, "architecture": {"type": "Bicubic"}, "parameters": 0, "training": []}


def shipped_folder() -> Path:
    """Return the folder of the shipped checkpoints: inside this package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "checkpoints"
    return installed if installed.is_dir() else package.parent / "checkpoints"


@dataclass(frozen=True)
class Zoo:
    """Checkpoints by name: those with a card of ours, and .safetensors of other projects that spandrel knows."""

    folders: tuple[Path, ...]
    """The folders that are searched, in this order; nothing outside them can be named."""

    def paths(self) -> dict[str, Path]:
        """Return the files by name, Table 1's rows first, then the others by name.

        A checkpoint has its file's name. If that is taken, by an earlier folder or by a reserved name, the folder's
        name is added: "edsr-l1 (my-run)", and a number if that is taken, too.
        """
        found: dict[str, Path] = {}
        for folder in self.folders:
            for path in sorted(folder.glob("*.safetensors")):
                if has_card(path) or _foreign_architecture(path):
                    found[_free_name(path, found)] = path
        rank = {name: position for position, name in enumerate(TABLE_1_NAMES)}
        return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))

    def trainable(self) -> list[str]:
        """Return the names of those that training can go on from, which are ours."""
        return [name for name, path in self.paths().items() if has_card(path)]

    def card(self, name: str) -> Card:
        """Return the provenance of a checkpoint, without loading its weights.

        Raises:
            CheckpointError: if there is none of that name or its card is damaged.
        """
        if name == BICUBIC:
            return BICUBIC_CARD
        if name == SHARPENED:
            return sharpened_card(self.card(TWIN_OF))
        path = self.path(name)
        if has_card(path):
            return read_card(path)
        return {"name": path.stem, "architecture": {"type": _foreign_architecture(path)}, "training": []}

    def load(self, name: str) -> nn.Module:
        """Load the network called ``name``, which may be "bicubic" or "edsr-l1-sharpened", in eval mode.

        Raises:
            CheckpointError: if there is none of that name or it is damaged.
        """
        if name == BICUBIC:
            from decloss.models import Bicubic

            model = Bicubic().eval()
            model.card = BICUBIC_CARD  # type: ignore[assignment]  # nn.Module types attributes as tensors
            return model
        if name == SHARPENED:
            return sharpened(self.load(TWIN_OF))
        return load_network(self.path(name))

    def path(self, name: str) -> Path:
        """Return the file of a checkpoint.

        Raises:
            CheckpointError: if there is none of that name.
        """
        paths = self.paths()
        if name not in paths:
            raise CheckpointError(f"no checkpoint called {name!r}; there are {', '.join((BICUBIC, SHARPENED, *paths))}")
        return paths[name]


def _free_name(path: Path, taken: Container[str]) -> str:
    """Return the name of a checkpoint: that of its file, with the folder's name or that and a number if need be."""
    folder = path.parent.resolve().name
    numbered = (f"{path.stem} ({folder} {number})" for number in count(2))
    names = chain((path.stem, f"{path.stem} ({folder})"), numbered)
    return next(name for name in names if name not in taken and name not in RESERVED)


def has_card(path: Path) -> bool:
    """Return whether the checkpoint file ``path`` is one of ours: it can be trained further, others cannot."""
    return path.with_suffix(".json").is_file()


def load_network(path: Path) -> nn.Module:
    """Load the network of a file in eval mode on the CPU: ours if it has a card, else another project's.

    Raises:
        CheckpointError: if it is missing, damaged, or unknown.
    """
    from decloss.zoo.checkpoint import load_checkpoint_file
    from decloss.zoo.foreign import load_foreign

    return load_checkpoint_file(path) if has_card(path) else load_foreign(path)


def _foreign_architecture(path: Path) -> str | None:
    from decloss.zoo.foreign import foreign_architecture

    return foreign_architecture(path)


def default_zoo(*extra: Path) -> Zoo:
    """Return the zoo of the shipped checkpoints, then those in ``extra`` folders.

    Raises:
        ValueError: if an extra folder does not exist.
    """
    for folder in extra:
        if not folder.is_dir():
            raise ValueError(f"no such folder of checkpoints: {folder}")
    return Zoo((shipped_folder(), *extra))


def available_checkpoints() -> list[str]:
    """Return the names of the shipped checkpoints, in the order of the paper's Table 1."""
    return list(default_zoo().paths())


def load_checkpoint(name_or_path: str | os.PathLike[str]) -> nn.Module:
    """Load a network in eval mode, float32, on the CPU, with its provenance as ``.card``.

    Args:
        name_or_path: one of ``available_checkpoints()``, "bicubic", "edsr-l1-sharpened", or the path of a .safetensors
            file; of another project also a .pth or .pt file, if spandrel is installed and knows the network.

    Raises:
        CheckpointError: (a ``ValueError``) if it does not exist, is truncated or damaged, or no network that is known.
    """
    text = os.fspath(name_or_path)
    return load_network(Path(text)) if text.endswith(SUFFIXES) else default_zoo().load(text)


def load_trainable(name_or_path: str | os.PathLike[str]) -> nn.Module:
    """Load a network of ours to train or to ship it, as ``load_checkpoint`` does.

    Raises:
        CheckpointError: as there, and for bicubic, the sharpened twin and networks of other projects.
    """
    text = os.fspath(name_or_path)
    path = Path(text) if text.endswith(SUFFIXES) else None if text in (BICUBIC, SHARPENED) else default_zoo().path(text)
    if path is None or (path.exists() and not has_card(path)):
        what = "no network of its own" if path is None else "a network of another project, without a card of ours"
        raise CheckpointError(f"{text} is {what}: it can be measured and used, not trained further or shipped")
    return load_network(path)


def ship(checkpoint: Path, folder: Path) -> Path:
    """Copy a trained checkpoint and its card into ``folder``, in half precision, and return the path of the copy."""
    import torch

    from decloss.zoo.checkpoint import save_checkpoint

    model = load_trainable(checkpoint)
    card, target = card_of(model), folder / checkpoint.name
    save_checkpoint(model, target, {key: card[key] for key in ("training", "metrics")}, dtype=torch.float16)
    return target


def card_of(model: nn.Module) -> Card:
    """Return the card that ``load_checkpoint`` put on a network."""
    card: Card = model.card  # type: ignore[assignment]  # nn.Module types attributes as tensors or modules
    return card


def sharpened(network: nn.Module, amount: float | None = None) -> Sharpened:
    """Return the sharpened twin of a network that has a card, with a card of its own.

    Args:
        network: a network as ``load_checkpoint`` returns it.
        amount: how much is sharpened, as for ``unsharp_mask``; None for ``AMOUNT``.
    """
    from decloss.models.sharpening import AMOUNT, Sharpened

    twin = Sharpened(network, AMOUNT if amount is None else amount).eval()
    twin.card = sharpened_card(card_of(network), twin.amount)  # type: ignore[assignment]  # nn.Module types attributes as tensors
    return twin


def sharpened_card(card: Card, amount: float | None = None) -> Card:
    """Return the card of the sharpened twin of the network with ``card``; its weights' SHA-256 stands for both."""
    from decloss.models.sharpening import AMOUNT, SIGMA

    sharpening = {"amount": AMOUNT if amount is None else amount, "sigma": SIGMA}
    own = json.dumps([card.get("weights"), sharpening], sort_keys=True)
    return {
        "name": f"{card['name']}-sharpened",
        "architecture": card["architecture"],
        "parameters": card.get("parameters"),
        "weights": {"sha256": hashlib.sha256(own.encode()).hexdigest()},
        "training": card["training"],
        "sharpening": sharpening,
        "metrics": {},
    }
