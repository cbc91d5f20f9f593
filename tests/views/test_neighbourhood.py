import numpy as np
import pytest
import torch
from conftest import sample_photo

from decloss.dec import enhance_high_frequency, extract_mini_patches
from decloss.pixels import to_tensor
from decloss.views.neighbourhood import (
    MOST_LOST,
    RANDOM,
    Neighbourhood,
    choose_candidates,
    choose_truths,
    cut_neighbourhood,
    cut_pixels,
    true_distances,
)

SIDE, P = 48, 8


def blurred(pixels: np.ndarray) -> np.ndarray:
    return ((pixels.astype(int) + np.roll(pixels, 1, 0) + np.roll(pixels, 1, 1)) // 3).astype(np.uint8)


def small_neighbourhood(mu: float | None = None) -> Neighbourhood:
    hr = sample_photo(SIDE, SIDE)
    truths = choose_truths(hr, blurred(hr), P, 5)
    places = choose_candidates(hr.shape, truths, P, 80)
    return cut_neighbourhood(hr, {"blurred": blurred(hr)}, truths, places, P, mu)


@pytest.mark.parametrize("mu", [None, 12.0])
def test_distances_are_those_of_a_loop_over_single_values(mu: float | None) -> None:
    among = small_neighbourhood(mu)
    vectors = among.sr["blurred"]
    found = true_distances(among, vectors, 4)
    hr, truth = among.hr.tolist(), among.truth.tolist()

    def distance(a: list[float], b: list[float]) -> float:
        return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5

    for i, vector in enumerate(vectors.tolist()):
        top, left = among.truths[i]
        apart = [j for j, (y, x) in enumerate(among.places) if abs(y - top) >= P or abs(x - left) >= P]
        nearest = sorted(apart, key=lambda j: distance(vector, hr[j]))[:4]
        centre = [sum(hr[j][d] for j in nearest) / 4 for d in range(len(vector))]
        assert found.order[i].tolist() == nearest
        assert found.nearest[i].item() == pytest.approx(distance(vector, hr[nearest[0]]), rel=1e-12)
        assert found.centre[i].item() == pytest.approx(distance(vector, centre), rel=1e-12)
        assert found.truth[i].item() == pytest.approx(distance(vector, truth[i]), rel=1e-12)
    assert found.between == sum(c < n for c, n in zip(found.centre.tolist(), found.nearest.tolist(), strict=True))
    assert found.ratio == pytest.approx(found.centre.mean().item() / found.nearest.mean().item())


def test_neither_the_ground_truth_nor_what_overlaps_it_is_among_its_neighbours() -> None:
    among = small_neighbourhood()
    own = true_distances(among, among.truth, 4)
    assert own.truth.max() == 0 and own.nearest.min() > 0
    overlapping = 0
    for i, (top, left) in enumerate(among.truths):
        pixels = {(y, x) for y in range(top, top + P) for x in range(left, left + P)}
        for j, (y0, x0) in enumerate(among.places):
            shares = any((y, x) in pixels for y in range(y0, y0 + P) for x in range(x0, x0 + P))
            assert bool(among.candidates[i, j]) is not shares
            overlapping += shares
    assert overlapping > 0  # the places do overlap, so leaving them out is something


def test_a_mixture_of_neighbours_lies_at_their_centre_and_a_copy_of_one_does_not() -> None:
    among = small_neighbourhood()
    order = true_distances(among, among.truth, 3).order
    mixture = true_distances(among, among.hr[order].mean(dim=1), 3)
    copy = true_distances(among, among.hr[order[:, 0]], 3)
    assert mixture.between == 5 and mixture.ratio < 0.8
    assert copy.between == 0 and np.isnan(copy.ratio)


def test_mini_patches_are_those_of_the_loss() -> None:
    hr = sample_photo(SIDE, SIDE)
    truths = choose_truths(hr, blurred(hr), P, 36, RANDOM, seed=3)
    among = cut_neighbourhood(hr, {}, truths, choose_candidates(hr.shape, truths, P, 10), P, mu=12.0)
    images = enhance_high_frequency(to_tensor(hr).double(), mu=12.0)
    expected = extract_mini_patches(images, P).flatten(1)  # in reading order
    assert torch.equal(among.truth[np.lexsort((truths[:, 1], truths[:, 0]))], expected)
    assert np.array_equal(cut_pixels(hr, truths[:1], P)[0], hr[truths[0, 0] :, truths[0, 1] :][:P, :P])


def test_the_ground_truths_are_where_most_is_lost_the_most_first() -> None:
    hr = np.full((SIDE, SIDE, 3), 90, np.uint8)
    worse = hr.copy()
    worse[16:24, 8:16] += 30  # the mini-patch at (16, 8) as a whole
    worse[40:44, 0:8] += 30  # half of the one at (40, 0)
    assert choose_truths(hr, worse, P, 2, MOST_LOST).tolist() == [[16, 8], [40, 0]]


def test_drawing_follows_the_seed_and_a_name_without_meaning_is_refused() -> None:
    hr = sample_photo(SIDE, SIDE)
    first, again, other = (choose_truths(hr, hr, P, 12, RANDOM, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    with pytest.raises(ValueError, match="'best'"):
        choose_truths(hr, hr, P, 12, "best")


@pytest.mark.parametrize(("size", "count", "step"), [(8, 20, 8), (8, 100, 4), (16, 60, 4), (16, 5000, 1)])
def test_candidates_lie_on_the_coarsest_grid_with_enough_of_them(size: int, count: int, step: int) -> None:
    truths = np.array([[0, 0], [16, 16]])
    places = choose_candidates((SIDE, SIDE, 3), truths, size, count)
    per_side = (SIDE - size) // step + 1
    assert len(places) == min(count, per_side**2 - 2)
    assert (places % step == 0).all() and (step == size or (places % (2 * step) != 0).any())
    assert places.min() == 0 or len(places) == count
    assert places.max() <= SIDE - size
    assert len({tuple(place) for place in places.tolist()} - {(0, 0), (16, 16)}) == len(places)
    assert places.tolist() == sorted(places.tolist())


@pytest.mark.parametrize("neighbours", [0, 81])
def test_a_number_of_neighbours_that_is_not_there_is_refused(neighbours: int) -> None:
    among = small_neighbourhood()
    with pytest.raises(ValueError, match=f"got {neighbours}"):
        true_distances(among, among.truth, neighbours)
