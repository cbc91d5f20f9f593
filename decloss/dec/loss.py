"""DECLoss, the detail enhanced contrastive loss: enhancement, mini-patches, and contrast by one of three backends."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from decloss.dec.backends import AUTO, BACKENDS, choose_backend, linear_passes
from decloss.dec.dense import Contrast, constant_of, contrast, exponents_of, patch_losses
from decloss.dec.frequency import enhance_high_frequency, inverse_gaussian_mask
from decloss.dec.gather import gather_with_gradient
from decloss.dec.pairs import make_pairs
from decloss.dec.parameters import (
    DEFAULT_ETA_DB,
    DEFAULT_MU_BINS,
    OUTSIDE,
    check_contrast_arguments,
    check_mask_arguments,
)
from decloss.dec.similarity import extract_mini_patches
from decloss.dec.streaming import Streaming


@dataclass(frozen=True)
class Intermediates:
    """Everything that the loss computes on its way, in the order of the equations; images are (B, C, H, W)."""

    sr_spectrum: Tensor
    """The transform of the SR images, Eq. (12), complex, (B, C, H, W), unshifted: [..., 0, 0] is DC."""
    hr_spectrum: Tensor
    """The same for the HR images."""
    mask: Tensor
    """The mask, (H, W), unshifted, Eq. (14) and (15)."""
    sr_enhanced: Tensor
    """The enhanced SR images, (B, C, H, W), real, around zero, Eq. (16)."""
    hr_enhanced: Tensor
    """The same for the HR images."""
    sr_patches: Tensor
    """The mini-patches of SR, (B*, C, P, P), row by row within each image."""
    hr_patches: Tensor
    """The same for the HR images."""
    contrast: Contrast
    """S, M, positives, Q_pos, Q_neg, the loss by mini-patch, and the loss."""


class DECLoss(nn.Module):
    """The paper's contrastive loss between SR and HR images; call it as ``loss(sr, hr)``.

    Enhanced SR mini-patches are drawn to the HR mini-patches that resemble their ground truth, and pushed from all
    others. It cannot see low frequencies: use it beside a pixel loss, Eq. (26).

    Args:
        alpha: peak of the mask's kernels, Eq. (15). With ``eta`` it is one knob: only eta + 40 log10(alpha) matters.
        mu: the kernels' standard deviation in frequency bins, which means something else for crops of another size.
        eta: the threshold in dB; two HR mini-patches with M >= eta are positive; ``decloss.eta_from_share`` finds it.
        t_pos: the temperature of the positive pairs.
        t_neg: the temperature of the negative pairs.
        patch_size: P in pixels. What does not fill a mini-patch at the right and the bottom is left out.
        temperature: "outside", as printed, adds log(t_pos / t_neg) and has no gradient; "inside" is as in SimCLR.
        backend: "dense" is the paper with every B* x B* matrix; "streaming" does the same in linear memory; "triton" is
            a fused kernel for CUDA; "auto" is triton for float32 on NVIDIA where it can run, otherwise streaming.
        gather: whether mini-patches of all processes are candidates, as if the batches were one. The value is that
            of the joint batch on every process; the gradient fits DistributedDataParallel, which averages. With one
            process, or without a process group, it changes nothing.

    ``sr`` and ``hr`` are (B, C, H, W) in [0, 1], H and W free, of any real floating point and any memory layout. Half
    precision is computed in float32, float64 in float64, by triton with exponents of seven digits. Under bfloat16
    autocast streaming and triton multiply similarities in bfloat16; enhancement, mask, M and all sums stay in float32,
    and so does all of dense. HR gets no gradient, and the linear backends have no second derivative.

    A flat SR mini-patch (norm below 1e-5 alpha^2 after enhancement) is similar to nothing and gets no gradient. One
    without a negative, as when it is the only one or all are equal, contributes nothing: if all are like that, the
    loss is a differentiable zero. NaN in the images gives NaN.

    Raises:
        ValueError: for an argument without meaning, images that do not match, or a backend that cannot run on them.
    """

    def __init__(
        self,
        alpha: float = 1.0,
        mu: float = DEFAULT_MU_BINS,
        eta: float = DEFAULT_ETA_DB,
        t_pos: float = 0.5,
        t_neg: float = 1.5,
        patch_size: int = 8,
        temperature: str = OUTSIDE,
        backend: str = AUTO,
        gather: bool = False,
    ) -> None:
        super().__init__()
        check_mask_arguments(alpha, mu)
        check_contrast_arguments(eta, t_pos, t_neg, temperature)
        if patch_size != int(patch_size) or patch_size < 1:
            raise ValueError(f"patch_size must be a whole number from 1, got {patch_size}")
        if backend not in BACKENDS:
            raise ValueError(f"backend must be one of {BACKENDS}, got {backend!r}")
        self.alpha, self.mu, self.eta = alpha, mu, eta
        self.t_pos, self.t_neg, self.temperature = t_pos, t_neg, temperature
        self.patch_size, self.backend, self.gather = int(patch_size), backend, gather

    def forward(self, sr: Tensor, hr: Tensor) -> Tensor:
        half = _bfloat16_autocast(sr)
        with torch.autocast(sr.device.type, enabled=False):
            sr_enhanced, hr_enhanced = _enhance_both(sr, hr, self.alpha, self.mu)  # (B, C, H, W), Eq. (12) to (17)
            sr_patches = extract_mini_patches(sr_enhanced, self.patch_size)  # (B*, C, P, P)
            hr_patches = extract_mini_patches(hr_enhanced, self.patch_size)
            rows = None
            if self.gather:
                sr_patches, rows = gather_with_gradient(sr_patches)
                hr_patches, _ = gather_with_gradient(hr_patches)
            exponents = exponents_of(self.temperature, self.t_pos, self.t_neg)
            pairs = make_pairs(sr_patches, hr_patches, self.eta, exponents, alpha=self.alpha, rows=rows, half=half)
            sums_pos, sums_neg = choose_backend(self.backend, pairs).row_sums(pairs)  # (B*,) each, Eq. (18) to (22)
            constant = constant_of(self.temperature, self.t_pos, self.t_neg)
            return patch_losses(sums_pos, sums_neg, constant).mean()  # Eq. (23)

    def intermediates(self, sr: Tensor, hr: Tensor, rows: Tensor | None = None) -> Intermediates:
        """Return everything that ``forward`` computes, by the dense backend, for pictures and for checking.

        Args:
            sr: (B, C, H, W).
            hr: (B, C, H, W).
            rows: indices (R,) of the mini-patches whose rows of S, M, Q and loss are wanted; None for all, which
                takes memory that grows with the square of their number.
        """
        with torch.autocast(sr.device.type, enabled=False):
            sr_enhanced, hr_enhanced = _enhance_both(sr, hr, self.alpha, self.mu)
            sr_patches, hr_patches = (extract_mini_patches(x, self.patch_size) for x in (sr_enhanced, hr_enhanced))
            sr, hr = (image.to(sr_enhanced.dtype) for image in (sr, hr))
            height, width = sr.shape[-2:]
            temperatures = (self.t_pos, self.t_neg, self.temperature)
            return Intermediates(
                sr_spectrum=torch.fft.fft2(sr),
                hr_spectrum=torch.fft.fft2(hr),
                mask=inverse_gaussian_mask(height, width, self.alpha, self.mu, device=sr.device, dtype=sr.dtype),
                sr_enhanced=sr_enhanced,
                hr_enhanced=hr_enhanced,
                sr_patches=sr_patches,
                hr_patches=hr_patches,
                contrast=contrast(sr_patches, hr_patches, self.eta, *temperatures, alpha=self.alpha, rows=rows),
            )

    @torch.no_grad()
    def loss_by_patch(self, sr: Tensor, hr: Tensor) -> Tensor:
        """Return what each mini-patch adds to the loss before the mean, (B*,), for a map of it; memory is linear."""
        with torch.autocast(sr.device.type, enabled=False):
            enhanced = _enhance_both(sr, hr, self.alpha, self.mu)
            sr_patches, hr_patches = (extract_mini_patches(images, self.patch_size) for images in enhanced)
            exponents = exponents_of(self.temperature, self.t_pos, self.t_neg)
            pairs = make_pairs(sr_patches, hr_patches, self.eta, exponents, alpha=self.alpha)
            sums_pos, sums_neg = Streaming(linear_passes(self.backend, pairs)).row_sums(pairs)
            return patch_losses(sums_pos, sums_neg, constant_of(self.temperature, self.t_pos, self.t_neg))

    def extra_repr(self) -> str:
        """Return the hyperparameters, for ``print(loss)``."""
        names = ("alpha", "mu", "eta", "t_pos", "t_neg", "patch_size", "temperature", "backend", "gather")
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names)


def _enhance_both(sr: Tensor, hr: Tensor, alpha: float, mu: float) -> tuple[Tensor, Tensor]:
    """Return both enhanced, (B, C, H, W), in the dtype in which the loss is computed; HR gets no graph."""
    if sr.shape != hr.shape or sr.ndim != 4 or sr.numel() == 0:
        shapes = f"{tuple(sr.shape)} and {tuple(hr.shape)}"
        raise ValueError(f"sr and hr must both be (B, C, H, W) with at least one image, got {shapes}")
    if sr.device != hr.device:
        raise ValueError(f"sr and hr must be on one device, got {sr.device} and {hr.device}")
    sr_enhanced = enhance_high_frequency(sr, alpha, mu)
    with torch.no_grad():
        hr_enhanced = enhance_high_frequency(hr, alpha, mu)
    return sr_enhanced, hr_enhanced.to(sr_enhanced.dtype)


def _bfloat16_autocast(images: Tensor) -> bool:
    device = images.device.type
    return torch.is_autocast_enabled(device) and torch.get_autocast_dtype(device) == torch.bfloat16
