"""The playground's experiment: where each loss leads several details that share one LR image."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from decloss.dec import enhance_high_frequency
from decloss.models import bicubic_downscale
from decloss.views.toy.measures import cosines, rms_distance
from decloss.views.toy.problem import MEAN, PICTURES, PLAIN, SHIFTED, SIDE, TURNED, Problem, make_data
from decloss.views.toy.training import BOTH, DEC, L1, MSE, MU, Run, ToyObjective, advance, start_run

INSIDE = {"temperature": "inside"}


def trained(problem: Problem, steps: int = 300, **objective: object) -> Run:
    return advance(start_run(problem), ToyObjective(**objective), steps)


def to_modes(run: Run) -> list[float]:
    return rms_distance(run.data.modes, run.output()).tolist()


def to_mean(run: Run) -> float:
    return rms_distance(run.data.mean, run.output()).item()


def formula(counts: list[int], c: list[float], t_pos: float, t_neg: float, *, inside: bool) -> float:
    """The loss as the module's docstring has it, for outputs that are all alike, one mini-patch a picture."""

    def h(cosine: float, t: float) -> float:
        return math.exp(1 / t) + 2 * math.exp(cosine / t)

    total = sum(counts)
    loss = 0.0 if inside else math.log(t_pos / t_neg)
    t_pos, t_neg = (t_pos, t_neg) if inside else (1, 1)
    for k, count in enumerate(counts):
        others = sum(n * h(x, t_neg) for j, (n, x) in enumerate(zip(counts, c, strict=True)) if j != k)
        loss -= count / total * math.log(count * h(c[k], t_pos) / others)
    return loss


def same_for_all(image: Tensor) -> Tensor:
    return image.expand(PICTURES, -1, -1, -1)


@pytest.mark.parametrize("kind", [TURNED, SHIFTED])
@pytest.mark.parametrize("modes", [2, 6])
def test_all_modes_have_the_same_lr_and_differ_in_hr(kind: str, modes: int) -> None:
    data = make_data(Problem(kind, modes, 24 // modes))
    assert data.modes.min() >= 0 and data.modes.max() <= 1
    assert (bicubic_downscale(data.modes) - data.lr).abs().max() < 1e-12
    differences = [
        rms_distance(data.modes[i : i + 1], data.modes[j : j + 1]).item() for i in range(modes) for j in range(i)
    ]
    assert min(differences) > 0.1


def test_pictures_are_shared_out_as_asked_and_noise_is_each_pictures_own() -> None:
    problem = Problem(modes=5, first=3, noise=2.0, seed=4)
    assert problem.counts == [3, 6, 5, 5, 5]
    data = make_data(problem)
    assert torch.bincount(data.labels).tolist() == problem.counts
    noise = (data.inputs - data.lr) * 255
    assert noise.std().item() == pytest.approx(2, rel=0.1)  # of 864 numbers: known to 2.4 %
    assert torch.equal(data.hr, data.modes[data.labels])
    assert torch.equal(make_data(Problem()).inputs[3], make_data(Problem()).lr[0])


def test_mean_and_median_are_the_weighted_ones() -> None:
    data = make_data(Problem(modes=3, first=4))
    pictures = np.stack([data.modes[k].numpy() for k in [0] * 4 + [1] * 10 + [2] * 10])
    assert np.allclose(data.mean[0], pictures.mean(axis=0), atol=1e-12)
    assert np.allclose(data.median[0], np.median(pictures, axis=0), atol=1e-12)


def test_mse_reaches_the_weighted_mean() -> None:
    run = trained(Problem(modes=3, first=4), loss=MSE)
    assert to_mean(run) < 2e-3  # a quarter of an 8-bit level would be 1e-3; the modes are 0.1 and more away
    assert min(to_modes(run)) > 0.1


@pytest.mark.parametrize(("modes", "first"), [(2, 14), (3, 8)])
def test_l1_reaches_the_weighted_median(modes: int, first: int) -> None:
    run = trained(Problem(modes=modes, first=first), loss=L1)
    # Adam at 3e-3 trembles around a minimum with a kink by about its step; the mean is ten times as far.
    assert rms_distance(run.data.median, run.output()).item() < 8e-3
    assert rms_distance(run.data.median, run.data.mean).item() > 0.08
    if modes == 2:  # the majority's own detail, sharp
        assert to_modes(run)[0] < 8e-3


@pytest.mark.parametrize("temperature", ["outside", "inside"])
@pytest.mark.parametrize("first", [12, 17])
def test_with_one_output_for_all_the_loss_is_the_formula_of_its_cosines(temperature: str, first: int) -> None:
    data = make_data(Problem(modes=3, first=first))
    objective = ToyObjective(temperature=temperature, t_pos=0.4, t_neg=0.9)
    for seed in range(5):
        image = torch.rand(1, 1, SIDE, SIDE, dtype=torch.float64, generator=torch.manual_seed(seed))
        image = image + seed * data.modes[:1]
        expected = formula(
            Problem(modes=3, first=first).counts,
            cosines(image, data, objective),
            0.4,
            0.9,
            inside=temperature == "inside",
        )
        assert objective(same_for_all(image), data.hr).item() == pytest.approx(expected, abs=1e-9)


def test_with_two_equal_modes_each_picture_has_a_gradient_but_their_sum_is_zero_everywhere() -> None:
    data = make_data(Problem())
    generator = torch.manual_seed(0)
    images = [data.mean, data.modes[:1], torch.rand(1, 1, SIDE, SIDE, dtype=torch.float64, generator=generator)]
    for image in images:
        outputs = same_for_all(image).clone().requires_grad_()
        loss = ToyObjective()(outputs, data.hr)
        loss.backward()
        assert loss.item() == pytest.approx(math.log(0.5 / 1.5), abs=1e-9)
        assert outputs.grad is not None and outputs.grad.norm() > 1e-4
        assert outputs.grad.sum(dim=0).norm() < 1e-12


@pytest.mark.parametrize("begin", [PLAIN, MEAN])
def test_with_two_equal_modes_printed_decloss_moves_nothing(begin: str) -> None:
    problem = Problem(start=begin)
    before, run = start_run(problem).output(), trained(problem, 100)
    assert rms_distance(before, run.output()).item() < 1e-6
    colder = trained(problem, 100, t_pos=0.1)
    assert rms_distance(before, colder.output()).item() < 1e-6


def test_with_unequal_modes_it_goes_to_the_more_frequent_one_and_beyond() -> None:
    run = trained(Problem(first=16, start=MEAN))
    objective = ToyObjective()
    first, second = cosines(run.output(), run.data, objective)
    between = cosines(run.data.modes[:1], run.data, objective)[1]
    assert first > 0.8 and second < 0 < between  # farther from the second than the first mode itself is
    mirrored = trained(Problem(first=8, start=MEAN))
    assert cosines(mirrored.output(), run.data, objective)[1] > 0.8


def test_alpha_scales_what_is_enhanced_and_leaves_the_cosines() -> None:
    data = make_data(Problem())
    faint = 1e-3 * data.modes[:1]
    usual, small = (cosines(faint, data, ToyObjective(alpha=alpha)) for alpha in (1.0, 0.01))
    assert usual == pytest.approx(small, abs=1e-3) and usual[0] > 0.9


def test_with_three_equal_modes_the_loss_is_least_where_all_cosines_are_equal() -> None:
    least = formula([8, 8, 8], [0.2, 0.2, 0.2], 0.5, 1.5, inside=False)
    assert least == pytest.approx(math.log(2 * 0.5 / 1.5))
    grid = np.linspace(-1, 1, 9)
    assert all(
        formula([8, 8, 8], [a, b, c], 0.5, 1.5, inside=False) >= least - 1e-12 for a in grid for b in grid for c in grid
    )
    run = trained(Problem(modes=3, first=8))
    assert np.ptp(cosines(run.output(), run.data, ToyObjective())) < 0.01
    assert to_mean(run) < min(to_modes(run))


def test_temperatures_inside_draw_two_equal_modes_to_the_mean_or_from_it_by_t_pos() -> None:
    drawn = trained(Problem(), **INSIDE)
    objective = ToyObjective(**INSIDE)
    assert np.ptp(cosines(drawn.output(), drawn.data, objective)) < 0.01
    mean = cosines(drawn.data.mean, drawn.data, objective)
    assert np.mean(cosines(drawn.output(), drawn.data, objective)) > np.mean(mean) - 0.01
    split = trained(Problem(start=MEAN), t_pos=0.3, **INSIDE)
    assert min(to_modes(split)) < 0.03 and to_mean(split) > 0.1
    equal = trained(Problem(start=MEAN), 50, t_pos=0.3, t_neg=0.3, **INSIDE)
    assert to_mean(equal) < 1e-6


def test_the_other_places_as_negatives_draw_to_two_equal_modes_alike() -> None:
    run = trained(Problem(start=MEAN), 150, loss=BOTH, pixel=10.0, patch_size=8)
    first, second = cosines(run.output(), run.data, ToyObjective(patch_size=8))
    assert abs(first - second) < 0.05 and min(first, second) > 0.5
    assert to_mean(run) < min(to_modes(run)) / 2
    outputs = same_for_all(run.data.modes[:1]).clone().requires_grad_()
    ToyObjective(patch_size=8)(outputs, run.data.hr).backward()
    assert outputs.grad is not None and outputs.grad.sum(dim=0).norm() > 1e-3  # unlike with one mini-patch


def test_where_all_are_positives_there_is_nothing_to_push_from() -> None:
    problem = Problem(first=16, start=MEAN)
    assert torch.equal(trained(problem, 20, eta=-20.0).output(), start_run(problem).output())


def test_decloss_sees_no_contrast_and_hardly_an_offset() -> None:
    data, objective = make_data(Problem()), ToyObjective()
    enhanced = enhance_high_frequency(data.modes, 1.0, MU)
    assert enhanced.mean().abs() < 0.05 * data.modes.mean()
    assert cosines(0.1 * data.modes[:1], data, objective) == pytest.approx(cosines(data.modes[:1], data, objective))


def test_noise_lets_any_loss_tell_the_pictures_apart() -> None:
    run = trained(Problem(noise=4.0), loss=MSE)
    assert rms_distance(run.outputs(), run.data.hr).max() < 0.05
    same = trained(Problem(), loss=MSE)
    assert rms_distance(same.outputs(), same.data.hr).min() > 0.14


def test_steps_and_pauses_give_the_same_as_one_go_and_leave_the_run_before_untouched() -> None:
    problem, objective = Problem(first=16, noise=0.5), ToyObjective(loss=BOTH)
    whole = advance(start_run(problem), objective, 30)
    half = advance(start_run(problem), objective, 11)
    kept = [weight.clone() for weight in half.weights]
    pieces = advance(advance(half, objective, 1), objective, 18)
    assert all(torch.equal(a, b) for a, b in zip(kept, half.weights, strict=True))
    again = advance(half, objective, 19)  # Adam's moments are untouched as well
    for other in (pieces, again):
        assert all(torch.equal(a, b) for a, b in zip(whole.weights, other.weights, strict=True))
        assert [(r.step, r.loss, r.icoo) for r in whole.history] == [(r.step, r.loss, r.icoo) for r in other.history]
    assert [r.step for r in whole.history] == list(range(30)) and whole.step == 30


def test_another_seed_is_another_run_and_the_objective_may_change_on_the_way() -> None:
    objective = ToyObjective(loss=MSE)
    assert not torch.equal(
        advance(start_run(Problem(seed=1)), objective, 3).output(), trained(Problem(), 3, loss=MSE).output()
    )
    first = advance(start_run(Problem()), objective, 200)
    assert to_mean(first) < 0.01
    second = advance(first, ToyObjective(t_pos=0.3, **INSIDE), 300)
    assert min(to_modes(second)) < to_mean(second)
    assert [record.objective.loss for record in second.history[199:201]] == [MSE, DEC]


def test_icoo_of_the_toy_is_lower_for_blur_than_for_hr() -> None:
    run = trained(Problem(), 11, loss=MSE)
    measured = [record.step for record in run.history if record.icoo is not None]
    assert measured == [0, 10]
    assert run.history[0].icoo is not None and run.history[0].icoo < run.data.icoo - 1


@pytest.mark.parametrize(
    "bad", [{"modes": 7}, {"modes": 1}, {"first": 0}, {"modes": 3, "first": 23}, {"kind": "other"}]
)
def test_a_problem_without_meaning_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"mode|kind"):
        Problem(**bad)
