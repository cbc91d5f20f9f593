"""The paper's loss as nested loops in float64, transcribed from its equations: what every backend is tested against."""

import math

from torch import Tensor

from decloss.dec.dense import OUTSIDE


def loss_by_the_paper(
    sr: Tensor, hr: Tensor, eta: float, t_pos: float, t_neg: float, temperature: str
) -> tuple[float, list[float]]:
    """Eq. (18) to (23) for mini-patches as rows of vectors."""
    x, y = sr.flatten(1).tolist(), hr.flatten(1).tolist()
    count = len(x)

    def cosine(a: list[float], b: list[float]) -> float:
        return sum(p * q for p, q in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))

    terms = []
    for i in range(count):
        q_pos = q_neg = 0.0
        negatives = 0
        for j in range(count):
            distance = math.dist(y[i], y[j])
            m = math.inf if distance == 0 else -20 * math.log10(distance)  # Eq. (20)
            t = t_pos if m >= eta else t_neg
            if temperature == OUTSIDE:
                value = (math.exp(cosine(x[i], x[j])) + 2 * math.exp(cosine(x[i], y[j]))) / t
            else:
                value = math.exp(cosine(x[i], x[j]) / t) + 2 * math.exp(cosine(x[i], y[j]) / t)
            if m >= eta:
                q_pos += value  # Eq. (21)
            else:
                q_neg += value  # Eq. (22)
                negatives += 1
        terms.append(-math.log(q_pos / q_neg) if negatives else 0.0)
    return sum(terms) / count, terms  # Eq. (23)
