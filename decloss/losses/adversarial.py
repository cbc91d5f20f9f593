"""The adversarial terms of SRGAN and of ESRGAN (relativistic average), from the logits of a discriminator."""

import torch.nn.functional as F
from torch import Tensor, nn

from decloss.losses.settings import GAN, RAGAN
from decloss.models.discriminator import Discriminator


class Adversary(nn.Module):
    """A discriminator and the two losses of the game that it plays with the generator.

    Args:
        kind: "gan" asks whether an image is a photo (Ledig et al.), "ragan" whether it is more of a photo than the
            average of the others (Wang et al.); under several processes that average is each process's own.
        size: the side of the HR crops in pixels, a multiple of 32.
    """

    def __init__(self, kind: str, size: int, features: int = 64) -> None:
        super().__init__()
        if kind not in (GAN, RAGAN):
            raise ValueError(f"kind must be {GAN!r} or {RAGAN!r}, got {kind!r}")
        self.kind = kind
        self.discriminator = Discriminator(size, features)

    def generator_loss(self, sr: Tensor, hr: Tensor) -> Tensor:
        """Return the scalar that the generator minimises so that SR passes for photos; only ``sr`` gets a gradient."""
        self.discriminator.requires_grad_(False)  # the discriminator learns in ``forward``, with a step of its own
        fake = self.discriminator(sr).float()
        real = self.discriminator(hr.detach()).float().detach() if self.kind == RAGAN else None
        self.discriminator.requires_grad_(True)
        if real is None:
            return _as_photo(fake)
        return (_as_photo(fake - real.mean()) + _as_fake(real - fake.mean())) / 2

    def forward(self, sr: Tensor, hr: Tensor) -> Tensor:
        """Return the scalar that the discriminator minimises to tell photos from SR; ``sr`` gets no gradient."""
        real, fake = self.discriminator(hr.detach()).float(), self.discriminator(sr.detach()).float()
        if self.kind == GAN:
            return _as_photo(real) + _as_fake(fake)
        return (_as_photo(real - fake.mean()) + _as_fake(fake - real.mean())) / 2


def _as_photo(logits: Tensor) -> Tensor:
    return F.softplus(-logits).mean()  # -log sigmoid


def _as_fake(logits: Tensor) -> Tensor:
    return F.softplus(logits).mean()  # -log(1 - sigmoid)
