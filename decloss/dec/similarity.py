"""Mini-patches and their similarities, Eq. (18) to (20)."""

import torch
from torch import Tensor

FLAT = 1e-5
"""The norm below which a mini-patch is flat at alpha = 1; it is above rounding, since gradients grow as 1/norm."""


def extract_mini_patches(images: Tensor, patch_size: int) -> Tensor:
    """Cut images into mini-patches, row by row within each image; what does not fill a patch is left out.

    Args:
        images: (B, C, H, W).
        patch_size: P, from 1 to the shorter side.

    Returns:
        (B*N, C, P, P), N = (H // P) * (W // P).

    Raises:
        ValueError: for another shape, or a patch size that gives no patch.
    """
    if images.ndim != 4:
        raise ValueError(f"images must be (B, C, H, W), got {tuple(images.shape)}")
    batch, channels, height, width = images.shape
    size = patch_size
    if not 1 <= size <= min(height, width):
        raise ValueError(f"patch_size must be from 1 to {min(height, width)} for {height} x {width}, got {patch_size}")
    rows, columns = height // size, width // size
    cut = images[:, :, : rows * size, : columns * size]  # (B, C, rows*P, columns*P)
    split = cut.reshape(batch, channels, rows, size, columns, size)
    patches = split.permute(0, 2, 4, 1, 3, 5).reshape(batch * rows * columns, channels, size, size)  # (B*N, C, P, P)
    return patches.contiguous()  # for P = 1 it may be a view across channels, whose products are 50 times slower


def directions(patches: Tensor, alpha: float = 1.0) -> Tensor:
    """Return each mini-patch as a vector of length one; (B*, C, P, P) or (B*, D) to (B*, D).

    A flat one (norm below ``FLAT`` times alpha squared, which enhancement has given to every norm) counts as without
    a direction: it becomes zero, is similar to nothing, and gets no gradient.
    """
    vectors = patches.flatten(1)  # (B*, D)
    flat = vectors.detach().norm(dim=1, keepdim=True) < max(FLAT * alpha * alpha, torch.finfo(vectors.dtype).tiny)
    solid = torch.where(flat, 1.0, vectors)  # at zero the norm has no second derivative
    return torch.where(flat, 0.0, solid / solid.norm(dim=1, keepdim=True))


def cosine_similarity(first: Tensor, second: Tensor, alpha: float = 1.0) -> Tensor:
    """Return S of Eq. (18), with HR second, or of Eq. (19), with SR twice; (B*, C, P, P) to (B*, B*) in [-1, 1].

    ``alpha`` is that of the enhancement, by which ``directions`` knows flat ones.
    """
    return directions(first, alpha) @ directions(second, alpha).T


def psnr_similarity(patches: Tensor, max_value: float = 1.0, *, rows: Tensor | None = None) -> Tensor:
    """Return M of Eq. (20), -20 log10(||y_i - y_j|| / MAX), with the L2 norm as printed.

    It is a PSNR shifted by -10 log10(C P^2), since a PSNR has the root mean square there.

    Args:
        patches: enhanced HR mini-patches, (B*, C, P, P).
        max_value: MAX, the upper bound of the images' values.
        rows: indices (R,) of the rows i that are wanted; all of them if None.

    Returns:
        (R, B*) in dB, R = B* without ``rows``; it is infinite where mini-patches are equal, so on the whole diagonal.

    Raises:
        ValueError: if ``max_value`` is not positive.
    """
    if not max_value > 0:
        raise ValueError(f"max_value must be positive, got {max_value}")
    vectors = patches.flatten(1)
    # Differences are computed directly: by a product of matrices equal mini-patches would not be at distance zero.
    anchors = vectors if rows is None else vectors[rows]
    distance = torch.cdist(anchors, vectors, compute_mode="donot_use_mm_for_euclid_dist")
    return -20 * torch.log10(distance / max_value)


def psnr_of_pairs(patches: Tensor, max_value: float = 1.0) -> Tensor:
    """Return M of Eq. (20) once for each pair i < j, (B* (B* - 1) / 2,) in dB, at a fraction of the cost of all M.

    Args:
        patches: enhanced HR mini-patches, (B*, C, P, P).
        max_value: as in ``psnr_similarity``, whose upper triangle is returned row by row.
    """
    return -20 * torch.log10(torch.pdist(patches.flatten(1)) / max_value)
