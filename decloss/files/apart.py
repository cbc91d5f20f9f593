"""Keeping what is written apart from what is read: a picture below a folder of images is one of them the next time."""

from pathlib import Path

from decloss.files.images import list_images


def require_apart(written: Path, images: Path) -> None:
    """Refuse to write pictures where images are read, by whatever names and symbolic links the folders are given.

    Args:
        written: the folder for the pictures; it need not exist.
        images: a folder whose images are read, with its subfolders.

    Raises:
        ValueError: if ``written`` is, or lies in, ``images``, or holds one of the images; as ``list_images`` does.
    """
    sources = {path.resolve().parent for path in list_images(images)}
    if lies_in(written, images) or any(lies_in(source, written) for source in sources):
        raise ValueError(f"pictures in {written} would mix with the images of {images}: choose a folder outside it")


def lies_in(path: Path, folder: Path) -> bool:
    """Return whether ``path`` is ``folder`` or lies below it, also through links and mounts, or in another case.

    Neither needs to exist.
    """
    path = path.resolve()
    return folder.exists() and any(parent.exists() and parent.samefile(folder) for parent in (path, *path.parents))
