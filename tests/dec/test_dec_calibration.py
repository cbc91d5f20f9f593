"""eta from the share of positive pairs, mu from a fraction of the crop."""

import pytest
import torch

import decloss
from decloss.dec import calibration as settings


def share_of_positives(hr: torch.Tensor, eta: float, mu: float, patch_size: int) -> float:
    m = decloss.DECLoss(mu=mu, eta=eta, patch_size=patch_size).intermediates(hr, hr).contrast.m
    others = ~torch.eye(len(m), dtype=torch.bool)
    return (m[others] >= eta).double().mean().item()


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.99])
@pytest.mark.parametrize(("mu", "patch_size"), [(3.0, 4), (12.0, 8)])
def test_that_share_of_the_pairs_is_positive(share: float, mu: float, patch_size: int) -> None:
    hr = torch.rand(3, 3, 40, 48)
    eta = decloss.eta_from_share(hr, share, mu=mu, patch_size=patch_size)
    pairs = 3 * 30 * (3 * 30 - 1) / 2  # of the larger mini-patches
    assert share_of_positives(hr, eta, mu, patch_size) == pytest.approx(share, abs=1 / pairs)


def test_of_several_batches_that_share_of_the_pairs_within_them_is_positive() -> None:
    batches = [torch.rand(2, 3, 32, 32), 0.1 * torch.rand(2, 3, 32, 32)]
    eta = decloss.eta_from_share(iter(batches), 0.2, mu=8.0)
    shares = [share_of_positives(hr, eta, 8.0, 8) for hr in batches]
    pairs = 2 * 32 * (32 - 1) / 2
    assert sum(shares) / 2 == pytest.approx(0.2, abs=1 / pairs)
    alone = [decloss.eta_from_share(hr, 0.2, mu=8.0) for hr in batches]
    assert alone[0] < eta < alone[1] and shares[0] < 0.2 < shares[1]
    assert decloss.eta_from_share([batches[0]], 0.2, mu=8.0) == alone[0]


def test_alpha_moves_eta_as_it_moves_m() -> None:
    hr = torch.rand(2, 3, 32, 32, dtype=torch.float64)
    plain, strong = (decloss.eta_from_share(hr, 0.1, alpha) for alpha in (1.0, 10.0))
    assert strong == pytest.approx(plain - 40, abs=1e-9)


def test_a_draw_of_many_pairs_is_near_the_truth_and_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    hr = torch.rand(4, 1, 64, 64)
    exact = decloss.eta_from_share(hr, 0.1, patch_size=4)
    monkeypatch.setattr(settings, "PAIRS", 100_000)
    drawn = [decloss.eta_from_share(hr, 0.1, patch_size=4, seed=seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(abs(eta - exact) < 0.1 for eta in drawn)


def test_equal_mini_patches_are_positives_by_themselves() -> None:
    hr = torch.zeros(1, 1, 16, 16)
    hr[..., 12:, 12:] = torch.rand(4, 4)  # with a narrow mask its surroundings change as well
    copies = hr.repeat(3, 1, 1, 1)
    eta = decloss.eta_from_share(copies, 0.001, mu=3.0, patch_size=4)
    m = decloss.DECLoss(mu=3.0, eta=eta, patch_size=4).intermediates(copies, copies).contrast
    assert torch.equal(m.positives, torch.isinf(m.m))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: decloss.eta_from_share(torch.rand(1, 3, 16, 16), 0.0), "share.*0.0"),
        (lambda: decloss.eta_from_share(torch.rand(1, 3, 16, 16), 1.0), "share.*1.0"),
        (lambda: decloss.eta_from_share([], 0.5), "at least one batch"),
        (lambda: decloss.eta_from_share(torch.rand(1, 3, 8, 8), 0.5), r"got 1 from \(1, 3, 8, 8\)"),
        (lambda: decloss.eta_from_share(torch.zeros(2, 3, 16, 16), 0.5), "all mini-patches are equal"),
        (lambda: decloss.mu_from_fraction(0.0, 192), "0.0"),
        (lambda: decloss.mu_from_fraction(0.25, 0), "0.25 and 0"),
    ],
)
def test_wrong_arguments_are_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_fraction_gives_dc_the_same_weight_at_every_size() -> None:
    weights = []
    for size in (96, 192, 384):
        mask = decloss.inverse_gaussian_mask(size, size, mu=decloss.mu_from_fraction(0.25, size))
        weights.append(mask[0, 0].item())
    assert weights == pytest.approx([0.019] * 3, abs=1.5e-3)
    half = decloss.inverse_gaussian_mask(192, 192, mu=decloss.mu_from_fraction(0.5, 192))
    assert half[0, 0].item() == pytest.approx(0.37, abs=0.01)
