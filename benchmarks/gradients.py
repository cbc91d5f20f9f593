"""How hard each term of the loss pulls at the weights where finetuning starts: the scale of the weights omega.

    python -m benchmarks.gradients --data PHOTOS --trunk vgg16

Prints the L2 norm of each term's gradient, unweighted, over all weights of the checkpoint, on one batch.
"""

import argparse
from pathlib import Path

import torch

import decloss
from decloss.data.crops import sample_batch
from decloss.data.pairs import load_photo_pairs
from decloss.losses import LossSettings, Objective
from decloss.pixels import SCALE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--init", default="edsr-l1")
    parser.add_argument("--trunk", default="vgg16")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--crop", type=int, default=32)
    arguments = parser.parse_args()
    batch = sample_batch(load_photo_pairs(arguments.data), 0, arguments.batch_size, arguments.crop, 0)
    lr, hr = (images.float() / 255 for images in batch)
    side = SCALE * arguments.crop
    mu = decloss.mu_from_fraction(0.25, side)
    etas = {share: decloss.eta_from_share(hr, share, mu=mu) for share in (0.01, 0.1)}
    print(f"{arguments.batch_size} crops of {side} x {side}, mu {mu:g}; eta", end=" ")
    print(", ".join(f"{eta:.1f} dB at {share:.0%} positives" for share, eta in etas.items()))
    alone = {"l1_weight": 0.0, "mu": mu, "eta": etas[0.01]}
    terms = {
        "L1": LossSettings(),
        f"perceptual, {arguments.trunk}": LossSettings(l1_weight=0.0, perceptual_weight=1.0, trunk=arguments.trunk),
        "DECLoss, printed": LossSettings(**alone, dec_weight=1.0),
        "DECLoss, inside": LossSettings(**alone, dec_weight=1.0, temperature="inside"),
        "RaGAN, untrained": LossSettings(l1_weight=0.0, adversarial_weight=1.0, adversarial="ragan"),
    }
    for name, settings in terms.items():
        torch.manual_seed(0)
        model = decloss.load_checkpoint(arguments.init)
        Objective(settings, side)(model(lr), hr)[0].backward()
        gradients = [weights.grad.flatten() for weights in model.parameters() if weights.grad is not None]
        print(f"{name}: {torch.cat(gradients).norm():.3g}")


if __name__ == "__main__":
    main()
