"""The perceptual loss, Eq. (25), which compares images by the features that an ImageNet trunk finds in them."""

from torch import Tensor, nn

from decloss.models.backbones import BackboneUnavailableError
from decloss.models.trunks import TRUNKS, build_trunk


class PerceptualLoss(nn.Module):
    """The mean squared difference of the features of SR and HR.

    Eq. (25) prints a sum of norms. Its source, Johnson et al., uses the mean of squares, which does not depend on the
    sizes of batch and crop. The trunk runs in the precision of autocast, the difference is computed in float32.

    Args:
        trunk: "vgg19" (conv5_4 before activation), "vgg16" (relu2_2) or "squeezenet1_1" (the second Fire module).

    Raises:
        ValueError: for another trunk.
        BackboneUnavailableError: if the trunk's weights are not available.
    """

    def __init__(self, trunk: str = "vgg19") -> None:
        super().__init__()
        try:
            self.trunk = build_trunk(trunk)
        except BackboneUnavailableError as error:
            others = ", ".join(name for name in TRUNKS if name != trunk)
            raise BackboneUnavailableError(f"{error}; other trunks are {others}") from error

    def forward(self, sr: Tensor, hr: Tensor) -> Tensor:
        """Return the loss, a scalar, for SR and HR, both (B, 3, H, W) in [0, 1]; HR gets no gradient."""
        difference = self.trunk(sr).float() - self.trunk(hr.detach()).float()
        return difference.square().mean()
