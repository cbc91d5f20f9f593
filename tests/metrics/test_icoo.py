"""ICOO against Eq. (9) to (11) written as loops, and the order that was measured on photos."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import sample_photo

import decloss
from decloss.evaluation.scores import list_pairs, load_pair


def by_the_paper(sr, hr, patch_size, sr_patches, hr_patches, rounds, distance, seed) -> float:
    """One image (C, H, W)."""
    rng = np.random.default_rng(seed)
    _, height, width = sr.shape
    limits = (height - patch_size + 1, width - patch_size + 1)
    total = 0.0
    for _ in range(rounds):
        sr_places = rng.integers(limits, size=(sr_patches, 2)).tolist()
        hr_places = rng.integers(limits, size=(hr_patches, 2)).tolist()
        summed = 0.0
        for y, x in sr_places:
            a = sr[:, y : y + patch_size, x : x + patch_size].double().flatten().tolist()
            d = []
            for v, u in hr_places:
                b = hr[:, v : v + patch_size, u : u + patch_size].double().flatten().tolist()
                gaps = [abs(p - q) for p, q in zip(a, b, strict=True)]
                d.append(
                    {"mse": sum(g * g for g in gaps) / len(gaps), "l1": sum(gaps) / len(gaps), "l2": math.hypot(*gaps)}[
                        distance
                    ]
                )
            k = min(range(len(d)), key=d.__getitem__)
            summed += d[k] / sum(d[j] for j in range(len(d)) if j != k)  # Eq. (10)
        total += -10 * math.log10(summed)  # Eq. (11)
    return total / rounds


@pytest.mark.parametrize("distance", ["mse", "l1", "l2"])
@pytest.mark.parametrize("seed", [0, 3])
def test_icoo_is_the_papers(distance: str, seed: int) -> None:
    sr, hr = torch.rand(2, 2, 3, 20, 31)
    options = {"patch_size": 5, "sr_patches": 3, "hr_patches": 7, "rounds": 2, "distance": distance, "seed": seed}
    scores = decloss.icoo(sr, hr, **options)
    assert scores.shape == (2,) and scores.dtype == torch.float64
    for image in range(2):
        assert scores[image].item() == pytest.approx(by_the_paper(sr[image], hr[image], **options), abs=1e-9)


def test_the_same_seed_gives_the_same_score_and_another_image_beside_it_changes_nothing() -> None:
    sr, hr = torch.rand(2, 2, 3, 40, 50)
    both = decloss.icoo(sr, hr)
    assert torch.equal(both, decloss.icoo(sr, hr))
    assert torch.equal(both[1:], decloss.icoo(sr[1:], hr[1:]))
    assert not torch.equal(both, decloss.icoo(sr, hr, seed=1))


def test_equal_patches_are_defined() -> None:
    flat = torch.full((1, 3, 20, 20), 0.5)
    assert decloss.icoo(flat, flat).item() == pytest.approx(-10 * math.log10(8 / 99))
    assert decloss.icoo(flat, flat).isfinite().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distance": "cosine"}, "cosine"),
        ({"patch_size": 25}, "1 to 20.*25"),
        ({"hr_patches": 1}, "8, 1 and 10"),
        ({"rounds": 0}, "8, 100 and 0"),
    ],
)
def test_wrong_arguments_are_refused_with_their_values(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decloss.icoo(torch.rand(1, 3, 20, 30), torch.rand(1, 3, 20, 30), **options)
    with pytest.raises(ValueError, match=r"\(1, 3, 20, 30\).*\(1, 3, 20, 31\)"):
        decloss.icoo(torch.rand(1, 3, 20, 30), torch.rand(1, 3, 20, 31))


def test_on_photos_bicubic_is_above_a_network_and_that_above_hr_itself(data: Path) -> None:
    """The paper's order, with independent places."""
    model = decloss.load_checkpoint("edsr-l1")
    means = []
    for pair in list_pairs(data / "benchmarks" / "BSD100")[:24]:
        lr, hr = load_pair(pair)
        results = (decloss.upscale(decloss.load_checkpoint("bicubic"), lr), decloss.upscale(model, lr), hr)
        means.append([decloss.icoo(result, hr).item() for result in results])
    bicubic, network, floor = np.mean(means, axis=0)
    print(f"bicubic {bicubic:.2f}, edsr-l1 {network:.2f}, HR {floor:.2f} dB")
    assert bicubic > network + 0.3 > network > floor + 0.3


def test_let_in_the_ground_truth_and_the_order_turns_round() -> None:
    """Why the places are independent: with its own truth among the candidates, the sharper patch is nearer to it."""
    hr = torch.from_numpy(sample_photo(240, 320)).permute(2, 0, 1)[None] / 255
    blurred = F.avg_pool2d(hr, 5, 1, 2, count_include_pad=False)
    sharper = (hr + blurred) / 2

    def same_places(sr: torch.Tensor) -> float:
        """As ``icoo``, but the first eight HR places are those of SR."""
        rng = np.random.default_rng(0)
        values = []
        for _ in range(40):
            hr_places = rng.integers((229, 309), size=(100, 2)).tolist()
            cut = lambda image, y, x: image[..., y : y + 12, x : x + 12].flatten()  # noqa: E731
            candidates = torch.stack([cut(hr, *place) for place in hr_places])
            p = 0.0
            for place in hr_places[:8]:
                d = (candidates - cut(sr, *place)).square().mean(1)
                p += (d.min() / (d.sum() - d.min())).item()
            values.append(-10 * math.log10(p))
        return float(np.mean(values))

    independent = [decloss.icoo(image, hr, rounds=40).item() for image in (blurred, sharper)]
    assert independent[0] > independent[1]
    assert same_places(blurred) < same_places(sharper)


def test_values_that_are_not_finite_are_not_hidden() -> None:
    hr = torch.rand(1, 3, 16, 16)
    assert decloss.icoo(hr * torch.nan, hr).isnan().all()
