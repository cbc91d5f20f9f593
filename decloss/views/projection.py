"""t-SNE in a process of its own, which reports its progress and ends at once when nobody waits for it any more.

Both sides are here: ``project`` starts ``python -m decloss.views.projection FOLDER PERPLEXITY SEED``. Vectors and
points travel in files as plain arrays, never as pickles; the points on their way, too, so that one sees them move.
"""

import logging
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decloss.host.child import end_with_caller, run_child

logger = logging.getLogger(__name__)

ITERATIONS = 500
"""The iterations of t-SNE, half with early exaggeration. With more, trustworthiness stays, divergence falls by 5 %."""
ANGLE = 0.6
"""The angle of Barnes and Hut's approximation: a sixth faster than 0.5, equal trustworthiness and divergence."""
COMPONENTS = 30
"""The principal components that t-SNE gets; for mini-patches of photos they hold over 95 % of the variance."""
NEIGHBOURS = 12
"""The number of a point's neighbours that its trustworthiness takes into account."""
LONGEST = 180
"""The seconds after which the process is given up."""
VECTORS, MOVING, RESULT = "vectors.npy", "moving.f32", "result.npz"
TOLD_EVERY = 0.15
"""The seconds between two times that the points on their way are written."""


class ProjectionError(Exception):
    """Raised when t-SNE fails or takes too long; the message is a sentence for users."""


@dataclass(frozen=True)
class Progress:
    """How far t-SNE is."""

    share: float
    """The share that is done, in [0, 1]."""
    points: NDArray[np.float32] | None
    """The places on the map where the points are now, (n, 2); None before there are any."""


@dataclass(frozen=True)
class Projection:
    """A two-dimensional map of vectors, and how well it shows them."""

    points: NDArray[np.float64]
    """The places on the map, (n, 2)."""
    trustworthiness: float
    """The trustworthiness in [0, 1]: 1 if the 12 nearest points on the map are always neighbours in all dimensions."""


def project(vectors: NDArray[np.floating], perplexity: float, seed: int) -> Generator[Progress, None, Projection]:
    """Map ``vectors`` to a plane; yield the progress several times a second, and return the map.

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
                    share = min(1.0, int(iterations[-1]) / ITERATIONS) if iterations else 0.0
                    yield Progress(share, _moving(folder, count))
        except subprocess.TimeoutExpired as error:
            raise ProjectionError(f"The map took longer than {LONGEST} seconds and was given up.") from error
        except subprocess.CalledProcessError as error:
            logger.error("t-SNE ended with %s:\n%s", error.returncode, error.output)
            raise ProjectionError("The map could not be made: t-SNE ended before its time.") from error
        with np.load(folder / RESULT, allow_pickle=False) as result:
            return Projection(result["points"], float(result["trustworthiness"]))


def _moving(folder: Path, count: int) -> NDArray[np.float32] | None:
    """Return the points on their way, (count, 2), or None if there are none yet, or just now."""
    with suppress(OSError, ValueError):
        points = np.frombuffer((folder / MOVING).read_bytes(), np.float32).reshape(count, 2)
        return points if np.isfinite(points).all() else None
    return None


def tell_positions(folder: Path) -> None:
    """Make t-SNE write the points on their way to ``MOVING``, as part of the child process.

    scikit-learn has no way to ask for them, so the function that it calls at every iteration is wrapped: a private
    name, as it is in scikit-learn 1.5 to 1.9. Without it the map is the same, and the
    points do not move before it is done.
    """
    from sklearn.manifold import _t_sne

    objective = getattr(_t_sne, "_kl_divergence_bh", None)
    told = 0.0

    def telling(params: NDArray[Any], *values: Any, **named: Any) -> Any:
        nonlocal told
        if time.monotonic() - told >= TOLD_EVERY:
            told = time.monotonic()
            with suppress(OSError):  # on Windows, while the caller reads
                written = folder / f"next-{MOVING}"
                written.write_bytes(np.asarray(params, np.float32).tobytes())
                written.replace(folder / MOVING)
        return objective(params, *values, **named)  # type: ignore[misc]  # it is not None here

    if objective is not None:
        _t_sne._kl_divergence_bh = telling


def main(folder: Path, perplexity: float, seed: int) -> None:
    """Run as the child process: read ``VECTORS``, print progress, and write ``RESULT``."""
    # These are imported here, since the process that waits for the map does not need them.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE, trustworthiness

    vectors = np.load(folder / VECTORS, allow_pickle=False).astype(np.float64)
    spread = vectors.std()
    # t-SNE ignores the scale of vectors, but its float32 arithmetic goes wrong for enhanced ones of size 1e-4.
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
    tell_positions(folder)
    points = tsne.fit_transform(reduced.astype(np.float32))
    trust = trustworthiness(vectors, points, n_neighbors=NEIGHBOURS)
    np.savez(folder / RESULT, points=points.astype(np.float64), trustworthiness=trust)


if __name__ == "__main__":
    end_with_caller(Path(sys.argv[1]))
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
