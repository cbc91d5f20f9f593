"""t-SNE in a process of its own: it says how far it is, and ends at once when nobody waits for it any more.

This module is both sides: ``project`` starts ``python -m decloss.views.projection FOLDER PERPLEXITY SEED``. Vectors and
points travel as plain arrays in files, never as pickles.
"""

import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decloss.host.child import end_with_caller, run_child

logger = logging.getLogger(__name__)

ITERATIONS = 500
"""Half of them with early exaggeration. More change the picture little: same trustworthiness, divergence 5 % lower."""
ANGLE = 0.6
"""Of Barnes and Hut's approximation: a sixth faster than at 0.5, with the same trustworthiness and divergence."""
COMPONENTS = 30
"""Principal components that t-SNE gets; on mini-patches of photos they hold over 95 % of the variance."""
NEIGHBOURS = 12
"""Of a point, for its trustworthiness."""
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
        child = run_child(__name__, folder, float(perplexity), seed, longest=LONGEST, one_thread=True)
        try:
            with closing(child) as running:
                for printed in running:
                    iterations = re.findall(r"Iteration (\d+):", printed)
                    yield min(1.0, int(iterations[-1]) / ITERATIONS) if iterations else 0.0
        except subprocess.TimeoutExpired as error:
            raise ProjectionError(f"The map took longer than {LONGEST} seconds and was given up.") from error
        except subprocess.CalledProcessError as error:
            logger.error("t-SNE ended with %s:\n%s", error.returncode, error.output)
            raise ProjectionError("The map could not be made: t-SNE ended before its time.") from error
        with np.load(folder / RESULT, allow_pickle=False) as result:
            return Projection(result["points"], float(result["divergence"]), float(result["trustworthiness"]))


def main(folder: Path, perplexity: float, seed: int) -> None:
    """The child's side: read ``VECTORS``, print progress, write ``RESULT``."""
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


if __name__ == "__main__":
    end_with_caller(Path(sys.argv[1]))
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
