"""t-SNE in a process of its own: it says how far it is, and ends at once when nobody waits for it any more.

This file is both ends: ``project`` starts it as a script, ``python projection.py FOLDER PERPLEXITY SEED``. Vectors and
points travel as plain arrays in files, never as pickles.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

ITERATIONS = 500
"""Half of them with early exaggeration. More change the picture little: same trustworthiness, divergence 5 % lower."""
ANGLE = 0.6
"""Of Barnes and Hut's approximation: a sixth faster than at 0.5, with the same trustworthiness and divergence."""
COMPONENTS = 30
"""Principal components that t-SNE gets; on mini-patches of photos they hold over 95 % of the variance."""
NEIGHBOURS = 12
"""Of a point, for its trustworthiness."""
POLL = 0.2
"""Seconds between two looks at the process: about as long as it outlives its caller's interest."""
LONGEST = 180
"""Seconds after which the process is given up."""
VECTORS, RESULT = "vectors.npy", "result.npz"


class ProjectionError(Exception):
    """It did not come to an end; the message is a sentence for users."""


@dataclass(frozen=True)
class Projection:
    """A map of vectors."""

    points: NDArray[np.float64]
    """(n, 2)."""
    divergence: float
    """Kullback-Leibler divergence that t-SNE ended at; comparable only between runs over the same vectors."""
    trustworthiness: float
    """In [0, 1]: 1 if every neighbour on the map is a neighbour in truth (the 12 nearest; all dimensions)."""


def project(vectors: NDArray[np.floating], perplexity: float, seed: int) -> Generator[float, None, Projection]:
    """Yield how much of the work is done, in [0, 1], several times a second; return the map.

    Closing the generator kills the process.

    Args:
        vectors: (n, D), finite.
        perplexity: about how many neighbours each point minds; at least 1 and below n.
        seed: the same seed gives the same map on the same machine.

    Raises:
        ValueError: for vectors that are not finite or not (n, D), too few of them, or a perplexity out of range.
        ProjectionError: if the process failed or took too long.
    """
    count = len(vectors)
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ValueError(f"vectors must be finite and (n, D), got {vectors.shape}")
    if count <= 2 * NEIGHBOURS or not 1 <= perplexity < count:
        raise ValueError(f"perplexity must be from 1 to below n = {count} > {2 * NEIGHBOURS}, got {perplexity}")
    with tempfile.TemporaryDirectory(prefix="decloss-tsne-") as name:
        folder = Path(name)
        np.save(folder / VECTORS, np.asarray(vectors, np.float32), allow_pickle=False)
        with (folder / "log").open("wb") as log:
            process = start(folder, perplexity, seed, log.fileno())
            try:
                yield from _watch(process, folder)
            finally:
                process.kill()
                process.communicate()
        with np.load(folder / RESULT, allow_pickle=False) as result:
            return Projection(result["points"], float(result["divergence"]), float(result["trustworthiness"]))


def start(folder: Path, perplexity: float, seed: int, log: int) -> "subprocess.Popen[bytes]":
    """The process that projects ``VECTORS`` in ``folder``; it ends with the one that started it."""
    # One thread: where cores are busy, threads that wait for each other made it five times slower, not faster.
    # PYTHONSAFEPATH: this folder's modules are not the top-level ones that scikit-learn means.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-u", str(Path(__file__).resolve()), str(folder), repr(float(perplexity)), str(seed)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)


def _watch(process: "subprocess.Popen[bytes]", folder: Path) -> Generator[float, None, None]:
    began = time.monotonic()
    while process.poll() is None:
        iterations = re.findall(r"Iteration (\d+):", (folder / "log").read_text(errors="replace", encoding="utf-8"))
        yield min(1.0, int(iterations[-1]) / ITERATIONS) if iterations else 0.0
        if time.monotonic() - began > LONGEST:
            raise ProjectionError(f"The map took longer than {LONGEST} seconds and was given up.")
        time.sleep(POLL)
    if process.returncode or not (folder / RESULT).is_file():
        logger.error(
            "t-SNE ended with %s:\n%s",
            process.returncode,
            (folder / "log").read_text(errors="replace", encoding="utf-8"),
        )
        raise ProjectionError("The map could not be made: t-SNE ended before its time.")


def main(folder: Path, perplexity: float, seed: int) -> None:
    """The other end: read ``VECTORS``, print progress, write ``RESULT``."""
    # Here, since the caller need not wait for these imports.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE, trustworthiness

    vectors = np.load(folder / VECTORS, allow_pickle=False).astype(np.float64)
    spread = vectors.std()
    # t-SNE ignores scale, but its float32 arithmetic does not like enhanced vectors of size 1e-4.
    vectors = (vectors - vectors.mean(axis=0)) / (spread if spread > 0 else 1.0)
    reduced = PCA(min(COMPONENTS, *vectors.shape), svd_solver="full").fit_transform(vectors)
    varied = reduced[:, 0].std() > 0  # otherwise there are no principal components to start from
    tsne = TSNE(
        perplexity=perplexity,
        init="pca" if varied else "random",
        max_iter=ITERATIONS,
        angle=ANGLE,
        random_state=seed,
        verbose=2,
    )
    points = tsne.fit_transform(reduced.astype(np.float32))
    trust = trustworthiness(vectors, points, n_neighbors=NEIGHBOURS)
    np.savez(folder / RESULT, points=points.astype(np.float64), divergence=tsne.kl_divergence_, trustworthiness=trust)


def _end_with_the_caller(folder: Path) -> None:
    """Nobody writes to our input: it ends with the caller, however that came about; then ``folder`` goes too."""
    os.read(0, 1)  # not sys.stdin, whose lock would be held when the interpreter shuts down
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_caller, args=(Path(sys.argv[1]),), daemon=True).start()
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
