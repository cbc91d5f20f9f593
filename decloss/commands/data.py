"""The command ``python -m decloss data``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from decloss.commands.console import progress_bar, say
from decloss.data.download import DIV2K, DIV2K_ADDRESS, download, unpack_images


@dataclass(frozen=True)
class Div2k:
    """Download DIV2K's HR images (Agustsson and Timofte, 2017; for research): 800 to train on, 3.5 GB.

    After a dropped connection, or Ctrl-C, the same command goes on where it stopped.
    """

    out: Path = Path("DIV2K")
    """Folder for DIV2K_train_HR and DIV2K_valid_HR."""
    part: Literal["train", "valid", "both"] = "train"
    """The 800 training images, the 100 validation images (0.4 GB), or both."""
    address: str = DIV2K_ADDRESS
    """Where the archives are."""
    keep_archive: bool = False
    """Keep the zip files after unpacking."""

    def run(self) -> int:
        for part in DIV2K if self.part == "both" else (self.part,):
            name, count = DIV2K[part]
            folder, archive = self.out / name, self.out / f"{name}.zip"
            if folder.is_dir() and len(list(folder.glob("*.png"))) == count:
                say(f"{folder} has its {count} images already.")
                continue
            if not archive.exists():
                with progress_bar(f"{name}.zip", "B") as report:
                    download(f"{self.address.rstrip('/')}/{name}.zip", archive, report)
            with progress_bar(name, "image") as report:
                unpack_images(archive, folder, count, report)
            if not self.keep_archive:
                archive.unlink()
            print(folder)
        return 0


@dataclass(frozen=True)
class Pack:
    """Pack squares of a folder's photos into one small file, to train with on another machine."""

    folder: tyro.conf.Positional[Path]
    """Training photos, searched with subfolders."""
    out: Path = Path("photos.zip")
    """The file; give it to train as --data."""
    limit_mb: float = 60.0
    """Its largest size in megabytes."""
    side: int = 384
    """Side of the squares in pixels; a multiple of 4, and not smaller than the HR crops."""
    quality: int | None = None
    """Quality of lossy WebP, 1 to 100; by default nothing is lost."""

    def run(self) -> int:
        from decloss.data.packing import pack_photos

        count = pack_photos(
            self.folder, self.out, limit_mb=self.limit_mb, side=self.side, quality=self.quality, report=say
        )
        print(f"{self.out}: {count} squares of {self.side} x {self.side}, {self.out.stat().st_size / 1e6:.1f} MB")
        return 0


@dataclass(frozen=True)
class Data:
    """Training photos: download DIV2K, or pack a folder."""

    command: Annotated[
        Annotated[Div2k, tyro.conf.subcommand("div2k")] | Annotated[Pack, tyro.conf.subcommand("pack")],
        tyro.conf.OmitSubcommandPrefixes,
    ]

    def run(self) -> int:
        return self.command.run()
