"""DECLoss on images: against the paper's loops, its backends against each other, and every kind of odd input."""

import copy
import math
import pickle
import sys
from importlib import metadata
from types import SimpleNamespace

import pytest
import torch
from contrast_cases import DEVICE, EVERY_BACKEND, LINEAR_BACKENDS, images, loss_and_gradient, safe_eta
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_loops import loss_by_the_paper
from skimage import data
from torch import Tensor

import decloss
from decloss.dec import backends, tiles
from decloss.dec.dense import INSIDE, OUTSIDE
from decloss.dec.pairs import Pairs
from decloss.pixels import to_tensor

F64, F32 = torch.float64, torch.float32


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small images have whole, cut, diagonal and mirrored tiles."""
    monkeypatch.setattr(tiles, "CPU_TILE", 7)
    monkeypatch.setattr(tiles, "DEVICE_TILE", 7)


def at_share(hr: Tensor, share: float = 0.3, *, mu: float = 6.0, patch_size: int = 4, **options) -> decloss.DECLoss:
    return decloss.DECLoss(mu=mu, eta=safe_eta(hr, share, mu, patch_size), patch_size=patch_size, **options)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
@pytest.mark.parametrize("temperature", [OUTSIDE, INSIDE])
@pytest.mark.parametrize("patch_size", [2, 4])
def test_the_loss_is_the_papers(backend: str, temperature: str, patch_size: int) -> None:
    sr, hr = images(height=8, width=12, dtype=F64)
    loss = at_share(hr, patch_size=patch_size, temperature=temperature, backend=backend, t_pos=0.7, t_neg=1.3)
    patches = (
        decloss.extract_mini_patches(decloss.enhance_high_frequency(x, mu=6.0), patch_size).cpu() for x in (sr, hr)
    )
    expected, terms = loss_by_the_paper(*patches, loss.eta, 0.7, 1.3, temperature)
    assert loss(sr, hr).item() == pytest.approx(expected, abs=1e-7)
    assert loss.loss_by_patch(sr, hr).tolist() == pytest.approx(terms, abs=1e-7)
    assert len({round(term, 6) for term in terms}) > 2


@settings(max_examples=30, deadline=None)
@given(
    batch=st.integers(1, 2),
    channels=st.integers(1, 3),
    height=st.integers(4, 16),
    width=st.integers(4, 16),
    patch_size=st.integers(1, 8),
    mu=st.floats(1.5, 30),
    share=st.floats(0.02, 0.98),
    t_pos=st.floats(0.3, 3),
    t_neg=st.floats(0.3, 3),
    temperature=st.sampled_from([OUTSIDE, INSIDE]),
    seed=st.integers(0, 999),
)
@pytest.mark.parametrize("backend", LINEAR_BACKENDS)
def test_backends_agree_in_float32(
    backend, batch, channels, height, width, patch_size, mu, share, t_pos, t_neg, temperature, seed
) -> None:
    patch_size = min(patch_size, height, width)
    sr, hr = images(batch, channels, height, width, seed=seed, dtype=F32)
    options = {"mu": mu, "patch_size": patch_size, "t_pos": t_pos, "t_neg": t_neg, "temperature": temperature}
    dense = at_share(hr, share, backend="dense", **options)
    other = at_share(hr, share, backend=backend, **options)
    expected, expected_gradient = loss_and_gradient(dense, sr, hr)
    value, gradient = loss_and_gradient(other, sr, hr)
    torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-5)
    if channels * patch_size**2 > 1:  # a single value has no direction to turn: both gradients are rounding
        assert (gradient - expected_gradient).norm() <= 1e-4 * expected_gradient.norm()
    torch.testing.assert_close(other.loss_by_patch(sr, hr).mean(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
@pytest.mark.parametrize("temperature", [OUTSIDE, INSIDE])
@pytest.mark.parametrize("share", [0.3, 0.97])
def test_gradcheck(backend: str, temperature: str, share: float) -> None:
    sr, hr = images(2, 1, 6, 8, dtype=F64)
    loss = at_share(hr, share, patch_size=2, temperature=temperature, backend=backend)
    assert torch.autograd.gradcheck(lambda x: 3 * loss(x, hr), sr.requires_grad_())


def test_dense_has_a_second_derivative_too() -> None:
    sr, hr = images(1, 1, 4, 6, dtype=F64)
    loss = at_share(hr, patch_size=2, backend="dense")
    assert torch.autograd.gradgradcheck(lambda x: loss(x, hr), sr.requires_grad_())
    black = torch.zeros_like(sr, requires_grad=True)  # where norms are zero
    (first,) = torch.autograd.grad(loss(black, hr), black, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), black)
    assert first.isfinite().all() and second.isfinite().all()


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_alpha_and_eta_are_one_knob(backend: str) -> None:
    sr, hr = images(dtype=F64)
    reference = at_share(hr, backend=backend)
    for alpha in (0.3, 4.0):
        shifted = copy.copy(reference)
        shifted.alpha, shifted.eta = alpha, reference.eta - 40 * math.log10(alpha)
        assert shifted(sr, hr).item() == pytest.approx(reference(sr, hr).item(), abs=1e-10)
    moved = copy.copy(reference)
    moved.eta += 3
    assert moved(sr, hr).item() != pytest.approx(reference(sr, hr).item(), abs=1e-3)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_with_a_narrow_mask_they_are_one_knob_for_a_smooth_sr_too(backend: str) -> None:
    """Most of its mini-patches are flat there, and they must be the same ones at every alpha."""
    hr = to_tensor(data.coffee()[:96, :96]).to(DEVICE)
    sr = decloss.bicubic_upscale(decloss.make_lr(hr))
    loss = at_share(hr, mu=0.1 * 96, patch_size=8, backend=backend)
    expected, expected_gradient = loss_and_gradient(loss, sr, hr)
    flat = (loss.intermediates(sr, hr).contrast.s_sr_hr == 0).all(dim=1)
    assert 0.5 < flat.double().mean() < 1
    for alpha in (0.25, 4.0):  # their powers of two round nothing
        shifted = copy.copy(loss)
        shifted.alpha, shifted.eta = alpha, loss.eta - 40 * math.log10(alpha)
        value, gradient = loss_and_gradient(shifted, sr, hr)
        torch.testing.assert_close(value, expected)
        torch.testing.assert_close(gradient, expected_gradient)
        torch.testing.assert_close(shifted.loss_by_patch(sr, hr).mean(), expected)
        torch.testing.assert_close(shifted.intermediates(sr, hr).contrast.loss, expected)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_temperatures_outside_only_add_a_constant(backend: str) -> None:
    sr, hr = images(dtype=F64)
    (one, gradient), (other, same) = (
        loss_and_gradient(at_share(hr, backend=backend, t_pos=t_pos, t_neg=t_neg), sr, hr)
        for t_pos, t_neg in ((0.5, 1.5), (3.0, 0.2))
    )
    assert other.item() - one.item() == pytest.approx(math.log(15.0) - math.log(1 / 3), abs=1e-12)
    torch.testing.assert_close(gradient, same, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_outside_the_loss_lies_in_the_range_that_the_counts_allow(backend: str) -> None:
    """Each pair contributes between 3/e and 3e, so -log(Q_pos / Q_neg) is within 2 of the counts' own."""
    sr, hr = images(dtype=F64)
    loss = at_share(hr, backend=backend)
    positives = loss.intermediates(sr, hr).contrast.positives
    counts = torch.log((~positives).sum(1) * 0.5 / (positives.sum(1) * 1.5))
    assert ((loss.loss_by_patch(sr, hr) - counts).abs() <= 2).all()


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_hr_gets_no_gradient(backend: str) -> None:
    sr, hr = images(dtype=F32)
    loss = at_share(hr, backend=backend)
    hr.requires_grad_()
    loss(sr.requires_grad_(), hr).backward()
    assert hr.grad is None and sr.grad is not None and sr.grad.abs().sum() > 0


@pytest.mark.parametrize("backend", EVERY_BACKEND)
@pytest.mark.parametrize("case", ["all positive", "one mini-patch", "all equal"])
def test_mini_patches_without_a_negative_give_a_differentiable_zero(backend: str, case: str) -> None:
    sr, hr = images(dtype=F32)
    if case == "one mini-patch":
        sr, hr = sr[:1, :, :4, :4], hr[:1, :, :4, :4]
    if case == "all equal":
        hr = hr[:1, :, :4, :4].repeat(2, 1, 4, 6)
        sr = hr.clone()
    eta = -200.0 if case == "all positive" else 20.0
    loss = decloss.DECLoss(mu=6.0, eta=eta, patch_size=4, backend=backend)
    value, gradient = loss_and_gradient(loss, sr, hr)
    assert value.item() == 0 and torch.equal(gradient, torch.zeros_like(gradient))


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_only_some_rows_without_a_negative(backend: str) -> None:
    """A grey level among three: eta can be such that the middle one has no negative and the others have."""
    hr = torch.tensor([0.0, 0.4, 0.8], dtype=F64, device=DEVICE).reshape(3, 1, 1, 1).expand(3, 1, 1, 1)
    sr = hr + torch.tensor([0.1, 0.2, -0.1], dtype=F64, device=DEVICE).reshape(3, 1, 1, 1)
    loss = decloss.DECLoss(mu=6.0, eta=-20 * math.log10(0.5), patch_size=1, backend=backend)
    rows = loss.loss_by_patch(sr, hr)
    assert rows[1] == 0 and rows[0] != 0 and rows[2] != 0
    assert loss(sr, hr).item() == pytest.approx(rows.sum().item() / 3, abs=1e-12)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_flat_mini_patches_are_similar_to_nothing_and_get_no_gradient(backend: str) -> None:
    sr, hr = images(1, 3, 16, 16, dtype=F32)
    flat = torch.full_like(sr, 0.5)
    loss = at_share(hr, mu=1.2, backend=backend)  # so narrow a mask leaves nothing of an even grey
    _, gradient = loss_and_gradient(loss, flat, hr)
    assert torch.equal(gradient, torch.zeros_like(gradient))
    assert (loss.intermediates(flat, hr).contrast.s_sr_hr == 0).all()
    value, gradient = loss_and_gradient(loss, sr, torch.full_like(hr, 0.5))  # all HR equal: no negatives
    assert value.item() == 0 and torch.isfinite(gradient).all()


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_what_does_not_fill_a_mini_patch_is_left_out_but_not_from_the_spectrum(backend: str) -> None:
    sr, hr = images(1, 2, 13, 18, dtype=F32)
    loss = at_share(hr, backend=backend)
    assert len(loss.loss_by_patch(sr, hr)) == 3 * 4
    value, _ = loss_and_gradient(loss, sr, hr)
    cut = [decloss.enhance_high_frequency(x, mu=6.0)[..., :12, :16] for x in (sr, hr)]
    expected = [decloss.extract_mini_patches(x, 4) for x in cut]
    from_cut = decloss.dec.dense.contrast(*expected, loss.eta).loss
    torch.testing.assert_close(value, from_cut, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_images_are_computed_in_float32(backend: str, dtype: torch.dtype) -> None:
    sr, hr = images(dtype=dtype)
    loss = at_share(hr, backend=backend)
    value, gradient = loss_and_gradient(loss, sr, hr)
    expected, in_float32 = loss_and_gradient(loss, sr.float(), hr.float())
    assert value.dtype == F32 and value == expected
    torch.testing.assert_close(gradient, in_float32.to(dtype))
    mixed, _ = loss_and_gradient(loss, sr.float(), hr)
    assert mixed == expected


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_autocast_multiplies_similarities_in_bfloat16_and_nothing_else(backend: str) -> None:
    sr, hr = images(dtype=F32)
    loss = at_share(hr, backend=backend)
    expected, exact = loss_and_gradient(loss, sr, hr)
    with torch.autocast(DEVICE, torch.bfloat16):
        value, gradient = loss_and_gradient(loss, sr, hr)
    assert value.dtype == F32 and abs(value - expected) < 2e-3
    assert torch.nn.functional.cosine_similarity(gradient.flatten(), exact.flatten(), dim=0) > 0.9999
    assert (value == expected) == (backend == "dense")
    if DEVICE == "cuda":  # float16 has too few exponents for the weights of the gradient
        with torch.autocast(DEVICE, torch.float16):
            assert loss(sr, hr) == expected


@pytest.mark.parametrize("backend", LINEAR_BACKENDS)
def test_autocast_around_backward_alone_changes_nothing(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "_product", lambda first, second: first @ second.T)  # as on devices that have no oneDNN
    sr, hr = images(dtype=F32)
    loss = at_share(hr, backend=backend)
    _, expected = loss_and_gradient(loss, sr, hr)
    leaf = sr.clone().requires_grad_()
    value = loss(leaf, hr)
    with torch.autocast(DEVICE, torch.bfloat16):
        value.backward()
    assert torch.equal(leaf.grad, expected)


@pytest.mark.parametrize("precision", ["high", "medium"])
def test_lower_precision_of_products_leaves_the_positives_alone(
    precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who calls may allow TF32 or bfloat16, by which products lose pairs at the threshold: they are not used then."""
    sr, hr = images(dtype=F32)
    pairs = decloss.dec.pairs.make_pairs(*(decloss.extract_mini_patches(x, 4) for x in (sr, hr)), -8.0, (1.0, 1.0))
    rows = slice(0, pairs.count)
    assert not pairs.by_differences
    expected = tiles._Mask(pairs)(rows, rows)
    assert 0.1 < expected.mean() < 0.9
    monkeypatch.setattr(tiles, "_product", None)  # not every CPU has such products, so none may be asked for
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        assert torch.equal(tiles._Mask(pairs)(rows, rows), expected)
    finally:
        torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
def test_memory_layout_does_not_matter(backend: str) -> None:
    sr, hr = images(dtype=F32)
    loss = at_share(hr, backend=backend)
    expected, gradient = loss_and_gradient(loss, sr, hr)
    for layout in (
        lambda x: x.to(memory_format=torch.channels_last),
        lambda x: x.repeat_interleave(2, dim=3)[..., ::2],
        lambda x: x.transpose(2, 3).contiguous().transpose(2, 3),
    ):
        value, same = loss_and_gradient(loss, layout(sr), layout(hr))
        torch.testing.assert_close(value, expected)
        torch.testing.assert_close(same, gradient, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("backend", EVERY_BACKEND)
@pytest.mark.parametrize("which", [0, 1])
def test_nan_is_not_hidden(backend: str, which: int) -> None:
    pair = images(dtype=F32)
    loss = at_share(pair[1], backend=backend)
    pair[which][1, 0, 2, 3] = math.nan
    assert torch.isnan(loss(*pair))


@pytest.mark.parametrize("backend", LINEAR_BACKENDS)
def test_distances_below_the_resolution_of_products_are_still_told_apart(backend: str) -> None:
    """Mini-patches of length 1 that differ by 1e-5: in float32 their products are equal."""
    generator = torch.Generator().manual_seed(0)
    base = torch.rand(1, 1, 4, 4, generator=generator).repeat(1, 1, 2, 2)
    hr = torch.cat([base, base + 2e-5 * torch.rand(base.shape, generator=generator), 1 - base]).to(DEVICE)
    sr = torch.rand(hr.shape, generator=generator).to(DEVICE)
    kinds = decloss.DECLoss(mu=20.0, eta=110.0, patch_size=4).intermediates(sr, hr).contrast.positives
    assert 1 < kinds.sum(1).float().mean() < len(kinds)
    dense, other = (decloss.DECLoss(mu=20.0, eta=110.0, patch_size=4, backend=name) for name in ("dense", backend))
    torch.testing.assert_close(other(sr, hr), dense(sr, hr), rtol=1e-5, atol=1e-5)


def test_intermediates_are_what_the_loss_uses() -> None:
    sr, hr = images(height=12, width=15, dtype=F64)
    loss = at_share(hr)
    parts = loss.intermediates(sr, hr)
    for spectrum, image, enhanced, patches in (
        (parts.sr_spectrum, sr, parts.sr_enhanced, parts.sr_patches),
        (parts.hr_spectrum, hr, parts.hr_enhanced, parts.hr_patches),
    ):
        torch.testing.assert_close(torch.fft.ifft2(spectrum).real, image)
        torch.testing.assert_close(torch.fft.ifft2(spectrum * parts.mask).real, enhanced)  # Eq. (14) and (16)
        assert torch.equal(decloss.extract_mini_patches(enhanced, 4), patches)
    contrast = parts.contrast
    assert torch.equal(contrast.m, decloss.psnr_similarity(parts.hr_patches))
    assert torch.equal(contrast.positives, contrast.m >= loss.eta)
    assert contrast.loss.item() == pytest.approx(loss(sr, hr).item(), abs=1e-12)
    torch.testing.assert_close(contrast.patch_loss, loss.loss_by_patch(sr, hr))
    torch.testing.assert_close(contrast.patch_loss, -torch.log(contrast.q_pos / contrast.q_neg))


def test_intermediates_of_chosen_rows_are_those_rows() -> None:
    sr, hr = images(dtype=F64)
    loss = at_share(hr)
    rows = torch.tensor([5, 0, 17], device=DEVICE)
    some, every = loss.intermediates(sr, hr, rows).contrast, loss.intermediates(sr, hr).contrast
    for name in ("s_sr_hr", "s_sr_sr", "m", "positives", "q_pos", "q_neg", "patch_loss"):
        torch.testing.assert_close(getattr(some, name), getattr(every, name)[rows])
    assert some.loss.item() == pytest.approx(every.patch_loss[rows].mean().item(), abs=1e-12)


def test_auto_streams_where_there_is_no_gpu_and_never_interprets() -> None:
    pairs = decloss.dec.pairs.make_pairs(torch.rand(4, 3, 2, 2), torch.rand(4, 3, 2, 2), 10.0, (1.0, 1.0))
    assert backends.linear_passes("auto", pairs) is tiles
    assert backends.linear_passes("dense", pairs) is tiles
    sr, hr = images(dtype=F32)
    assert at_share(hr, backend="auto")(sr, hr) == at_share(hr, backend="streaming")(sr, hr)


def test_tritons_version_does_not_hang_on_the_name_of_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """For AMD it is "pytorch-triton-rocm", on Windows "triton-windows", in nightly builds "pytorch-triton"."""

    def unknown(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    sr, hr = torch.rand(2, 1, 3, 16, 16, dtype=F64)
    monkeypatch.setattr(metadata, "version", unknown)
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda _: "found")
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    monkeypatch.setitem(sys.modules, "triton", SimpleNamespace(__version__="3.4.0+rocm"))
    assert torch.isfinite(decloss.DECLoss(backend="auto")(sr, hr))
    with pytest.raises(ValueError, match=r"needs Triton 3.5 for float64, this is 3\.4\.0\+rocm"):
        decloss.DECLoss(backend="triton")(sr, hr)


def test_triton_says_why_it_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    sr, hr = torch.rand(2, 1, 3, 20, 20)
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    with pytest.raises(ValueError, match=r"CUDA device, got cpu.*streaming"):
        decloss.DECLoss(backend="triton")(sr, hr)
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    with pytest.raises(ValueError, match="up to 256 values, got 300"):
        decloss.DECLoss(backend="triton", patch_size=10)(sr, hr)
    monkeypatch.setattr(backends, "_version", lambda: "3.4.0")
    with pytest.raises(ValueError, match=r"needs Triton 3.5 for float64, this is 3\.4\.0"):
        decloss.DECLoss(backend="triton")(sr.double(), hr.double())
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="not installed"):
        decloss.DECLoss(backend="triton")(sr, hr)
    assert torch.isfinite(decloss.DECLoss(backend="auto")(sr, hr))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0.0}, "alpha.*0.0"),
        ({"mu": math.nan}, "mu.*nan"),
        ({"eta": math.inf}, "eta.*inf"),
        ({"eta": math.nan}, "eta.*nan"),
        ({"t_pos": 0.0}, "0.0 and 1.5"),
        ({"t_neg": math.inf}, "0.5 and inf"),
        ({"t_pos": 0.01, "temperature": "inside"}, "0.02.*0.01"),
        ({"patch_size": 0}, "patch_size.*0"),
        ({"patch_size": 2.5}, "patch_size.*2.5"),
        ({"temperature": "middle"}, "middle"),
        ({"backend": "cuda"}, "cuda"),
    ],
)
def test_wrong_arguments_are_refused_with_their_values(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decloss.DECLoss(**options)


@pytest.mark.parametrize(
    ("sr", "hr", "message"),
    [
        (torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 17), r"\(1, 3, 16, 17\)"),
        (torch.rand(3, 16, 16), torch.rand(3, 16, 16), r"\(3, 16, 16\)"),
        (torch.rand(0, 3, 16, 16), torch.rand(0, 3, 16, 16), r"\(0, 3, 16, 16\)"),
        (torch.rand(1, 3, 4, 16), torch.rand(1, 3, 4, 16), "1 to 4.*8"),
        (torch.ones(1, 3, 16, 16).long(), torch.ones(1, 3, 16, 16).long(), "int64"),
        (torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 16, device="meta"), "cpu and meta"),
    ],
)
def test_wrong_images_are_refused_with_what_they_are(sr: Tensor, hr: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decloss.DECLoss()(sr, hr)


def test_the_module_prints_copies_and_pickles() -> None:
    loss = decloss.DECLoss(eta=12.5)
    assert "eta=12.5" in repr(loss) and "patch_size=8" in repr(loss)
    assert repr(pickle.loads(pickle.dumps(loss))) == repr(copy.deepcopy(loss)) == repr(loss)


def test_torch_compile_takes_the_loss_as_it_is() -> None:
    sr, hr = images(dtype=F32)
    loss = at_share(hr)
    compiled = torch.compile(lambda sr, hr: (sr - hr).abs().mean() + loss(sr, hr), backend="eager")
    value, gradient = loss_and_gradient(compiled, sr, hr)
    expected, same = loss_and_gradient(lambda sr, hr: (sr - hr).abs().mean() + loss(sr, hr), sr, hr)
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(gradient, same)


def test_torch_compile_does_not_trace_the_loops_over_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[bool] = []
    row_sums = tiles.row_sums

    def spy(pairs: Pairs) -> tuple[Tensor, Tensor]:
        traced.append(torch.compiler.is_compiling())
        return row_sums(pairs)

    monkeypatch.setattr(tiles, "row_sums", spy)
    sr, hr = images(dtype=F32)
    torch.compile(decloss.DECLoss(backend="streaming"), backend="eager")(sr, hr)
    assert traced == [False]
