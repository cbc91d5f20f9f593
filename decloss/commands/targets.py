"""Which image file becomes which PNG file: planned as a whole before anything is written, so that nothing gets lost."""

from collections.abc import Sequence
from pathlib import Path

from decloss.files.apart import lies_in
from decloss.files.images import SUFFIXES, list_images

Plan = list[tuple[Path, Path]]
"""Each image file, and the PNG file that it becomes."""


def plan_results(inputs: Sequence[Path], output: Path, *, overwrite: bool) -> Plan:
    """Return what becomes of each of ``inputs``, which are image files and folders of them.

    A single file may become the PNG file ``output``; otherwise ``output`` is a folder, which gets the subfolders that
    ``inputs`` have. If it lies in one of those, the images in it are results, and not enlarged.

    Raises:
        ValueError: if a folder has no photo; if two results would have one name; if a photo would be overwritten, or a
            result be a photo the next time; and, unless ``overwrite``, if a result exists already.
    """
    if into_file(inputs, output):
        if output.suffix.lower() != ".png":
            raise ValueError(f"the result is a PNG file, so its name must end in .png, got {output.name}")
        plan = [(inputs[0], output)]
    else:
        if not output.is_dir() and (output.exists() or output.suffix.lower() in SUFFIXES):
            raise ValueError(f"several images become files in a folder, and {output} is the name of a file")
        plan = [pair for given in inputs for pair in _of_input(given, output)]
    plan = list(dict.fromkeys(plan))  # a photo may be given twice
    _check_names(plan)
    _check_places(plan, [given for given in inputs if given.is_dir()], output)
    existing = [target for _, target in plan if target.is_symlink() or target.exists()]
    if existing and not overwrite:
        more = f", and so do {len(existing) - 1} more" if existing[1:] else ""
        raise ValueError(f"{existing[0]} exists already{more}: --overwrite replaces what is there")
    return plan


def into_file(inputs: Sequence[Path], output: Path) -> bool:
    """Return whether ``output`` names a file, for the only one of ``inputs``, and not a folder."""
    return len(inputs) == 1 and bool(output.suffix) and not inputs[0].is_dir() and not output.is_dir()


def _of_input(given: Path, output: Path) -> Plan:
    if not given.is_dir():
        return [(given, output / f"{given.stem}.png")]
    inside = lies_in(output.resolve().parent, given)
    photos = [path for path in list_images(given) if not (inside and lies_in(path.parent, output))]
    if not photos:
        raise ValueError(f"no images in {given} beside the results in {output}")
    return [(path, output / path.relative_to(given).with_suffix(".png")) for path in photos]


def _check_names(plan: Plan) -> None:
    """Raise a ``ValueError`` if two names are equal, or differ in case alone, which many systems take for equal."""
    sources: dict[str, Path] = {}
    for source, target in plan:
        other = sources.setdefault(str(target).casefold(), source)
        if other != source:
            raise ValueError(f"{other} and {source} would both become {target}: upscale one of them on its own")


def _check_places(plan: Plan, folders: list[Path], output: Path) -> None:
    """Raise a ``ValueError`` if a result would take the place of a photo, by whatever name, or lie among photos."""
    photos = {_identity(path): path for path, _ in plan if path.exists()}
    mixed = [folder for folder in folders if not lies_in(output.resolve().parent, folder)]
    for _, target in plan:
        if target.exists() and (photo := photos.get(_identity(target))):
            raise ValueError(f"{target} is the photo {photo} itself and would be lost: choose another place")
        for folder in mixed:
            if lies_in(target.parent, folder):
                raise ValueError(f"{target} would be one of the photos of {folder} the next time: choose another place")


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
