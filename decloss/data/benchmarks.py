"""The usual benchmarks by name: found in the cache, or downloaded into it once."""

import os
import shutil
import tarfile
from pathlib import Path

from decloss.data.download import DIV2K, DIV2K_ADDRESS, Report, download, unpack_images
from decloss.data.pairs import default_cache

EDSR_BENCHMARKS = "https://cv.snu.ac.kr/research/EDSR/benchmark.tar"
"""The address of Set5, Set14, B100 and Urban100 with MATLAB's LR images, from the authors of EDSR; 250 MB."""
IN_ARCHIVE = {"Set5": "Set5", "Set14": "Set14", "BSD100": "B100", "Urban100": "Urban100"}
"""The folder of each benchmark in that archive, by our name."""
DIV2K_VALIDATION = "DIV2K"
NAMES = (*IN_ARCHIVE, DIV2K_VALIDATION)


def find_benchmark(data: str, report: Report = lambda done, total: None, *, address: str = EDSR_BENCHMARKS) -> Path:
    """Return the folder of ``data``: itself if it is a folder, otherwise the benchmark of that name.

    Args:
        data: a folder, or one of ``NAMES``; "DIV2K" are its 100 validation images.
        report: a function that is called while a benchmark is downloaded.
        address: the address of the archive of the four small ones.

    Raises:
        ValueError: if it is neither.
        DownloadError: if it must be downloaded and cannot be.
    """
    if Path(data).is_dir():
        return Path(data)
    if data not in NAMES:
        raise ValueError(f"no such folder: {data}; benchmarks by name are {', '.join(NAMES)}")
    root = default_cache() / "benchmarks"
    folder = root / data
    if folder.is_dir():
        return folder
    if data == DIV2K_VALIDATION:
        name, count = DIV2K["valid"]
        archive = root / f"{name}.zip"
        if not archive.exists():
            download(f"{DIV2K_ADDRESS}{name}.zip", archive, report)
        unpack_images(archive, root / ".DIV2K.part" / "HR", count)
        (root / ".DIV2K.part").rename(folder)
    else:
        archive = root / "benchmark.tar"
        if not archive.exists():
            download(address, archive, report)
        _unpack(archive, root)
    archive.unlink(missing_ok=True)
    if not folder.is_dir():
        raise ValueError(f"{address} has no {data}")
    return folder


def _unpack(archive: Path, root: Path) -> None:
    """Unpack the four benchmarks as NAME/HR and NAME/LR_x4 below ``root``, each complete or not at all."""
    temporary = root / f".unpacking-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        with tarfile.open(archive) as content:
            content.extractall(temporary, filter="data")  # this refuses links and paths that lead outside
    except (tarfile.TarError, EOFError) as error:
        archive.unlink()
        raise ValueError(f"{archive} was damaged ({error}) and is deleted: run the same command again") from error
    for name, theirs in IN_ARCHIVE.items():
        source = next(temporary.rglob(f"{theirs}/HR"), None)
        if source is not None and not (root / name).exists():
            (source.parent / "LR_bicubic" / "X4").rename(source.parent / "LR_x4")
            shutil.rmtree(source.parent / "LR_bicubic")
            source.parent.rename(root / name)
    shutil.rmtree(temporary)
