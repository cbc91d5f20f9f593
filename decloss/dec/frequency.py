"""High-frequency enhancement, Eq. (12) to (17): a Fourier transform, a mask, and the transform back."""

import torch
from torch import Tensor

from decloss.dec.parameters import DEFAULT_MU_BINS, check_mask_arguments


def inverse_gaussian_mask(
    height: int,
    width: int,
    alpha: float = 1.0,
    mu: float = DEFAULT_MU_BINS,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Return the outer product K^(H) K^(W) of Eq. (14) and (15) for an unshifted spectrum, where [0, 0] is DC.

    K peaks in the middle of the index range, which is the highest frequency of an unshifted transform. Shown with DC
    in the centre (fftshift) it looks like a Gaussian turned upside down, hence "inverse". It is separable, so a purely
    horizontal detail keeps only the small weight that DC has in the vertical.

    Args:
        height: the height of the image, at least 1.
        width: the width of the image, at least 1.
        alpha: the peak of each K, not zero; the mask peaks near alpha squared.
        mu: the standard deviation in frequency bins, which means something else at another image size.
        device: the device of the result.
        dtype: the dtype of the result, floating point; half precision is computed in float32.

    Returns:
        (H, W), values in [0, alpha**2], zero where they are too small for the dtype.

    Raises:
        ValueError: for a size below 1, an alpha whose size is not from 1e-4 to 1e4, or a mu that is not from 1e-9 to
            1e9.
    """
    check_mask_arguments(alpha, mu)
    if height < 1 or width < 1:
        raise ValueError(f"height and width must be at least 1, got {height} and {width}")
    exact = torch.float64 if dtype == torch.float64 else torch.float32
    kernels = []
    for size in (height, width):
        index = torch.arange(size, device=device, dtype=exact)
        kernels.append(alpha * torch.exp(-((index - (size - 1) / 2) ** 2) / (2 * mu**2)))  # Eq. (15)
    return torch.outer(kernels[0], kernels[1]).to(dtype)  # (H, W)


def enhance_high_frequency(images: Tensor, alpha: float = 1.0, mu: float = DEFAULT_MU_BINS) -> Tensor:
    """Return images with their low frequencies suppressed, Eq. (12) to (16).

    The mask is not quite symmetric, since its middle is (N - 1)/2 and not N/2, so the transform back has a small
    imaginary part, which we drop. That equals using the symmetrised mask (W(u, v) + W(-u, -v))/2: with it the result
    is real by itself, and a transform of half the spectrum is enough, at about half the cost.

    Args:
        images: (B, C, H, W), any real floating point; half precision and autocast are computed in float32.
        alpha: see ``inverse_gaussian_mask``.
        mu: see ``inverse_gaussian_mask``.

    Returns:
        (B, C, H, W) in float32, or float64 for float64 images; the values are real, around zero and not clamped.

    Raises:
        ValueError: for another shape or dtype, or bad alpha or mu.
    """
    if images.ndim != 4 or not images.is_floating_point():
        raise ValueError(f"images must be floating point (B, C, H, W), got {images.dtype} {tuple(images.shape)}")
    height, width = images.shape[-2:]
    exact = images if images.dtype == torch.float64 else images.float()
    mask = inverse_gaussian_mask(height, width, alpha, mu, device=images.device, dtype=exact.dtype)
    mirrored = mask.flip(0, 1).roll((1, 1), dims=(0, 1))  # W(-u, -v)
    symmetric = ((mask + mirrored) / 2)[:, : width // 2 + 1]  # (H, W // 2 + 1)
    spectrum = torch.fft.rfft2(exact)  # (B, C, H, W // 2 + 1), Eq. (12)
    return torch.fft.irfft2(symmetric * spectrum, s=(height, width))  # Eq. (14) and (16)
