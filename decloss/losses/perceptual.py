"""The perceptual loss, Eq. (25): images compared by what an ImageNet trunk sees in them."""

from torch import Tensor, nn

from decloss.models.backbones import BackboneUnavailableError
from decloss.models.trunks import TRUNKS, build_trunk


class PerceptualLoss(nn.Module):
    """Mean squared difference of the features of SR and HR.

    Eq. (25) prints a sum of norms; the mean of squares is what Johnson et al., its source, use, and does not depend on
    the size of batch and crop. The trunk runs in whatever precision autocast gives; the difference in float32.

    Args:
        trunk: "vgg19" (conv5_4 before activation), "vgg16" (relu2_2) or "squeezenet1_1".

    Raises:
        ValueError: for another trunk.
        BackboneUnavailableError: if the trunk's weights cannot be had.
    """

    def __init__(self, trunk: str = "vgg19") -> None:
        super().__init__()
        try:
            self.trunk = build_trunk(trunk)
        except BackboneUnavailableError as error:
            others = ", ".join(name for name in TRUNKS if name != trunk)
            raise BackboneUnavailableError(f"{error}; other trunks are {others}") from error

    def forward(self, sr: Tensor, hr: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] both, to a scalar; HR gets no gradient."""
        difference = self.trunk(sr).float() - self.trunk(hr.detach()).float()
        return difference.square().mean()
