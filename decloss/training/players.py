"""The networks of a run with their optimisers: the generator, its moving average, and its adversary."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from decloss.training.config import Schedule


class Player:
    """A network and the Adam that trains it.

    Args:
        module: the bare network, whose weights are saved.
        forward: the network that is called: ``module``, or that compiled or distributed.
        schedule: the schedule, which gives Adam's settings and the longest gradient.
    """

    def __init__(self, module: nn.Module, forward: nn.Module, schedule: Schedule) -> None:
        self.module = module
        self.forward = forward
        self.clip_norm = schedule.clip_norm
        trainable = [parameter for parameter in module.parameters() if parameter.requires_grad]
        # On a GPU one kernel for all weights takes the place of several hundred; on a CPU torch chooses as ever.
        fused = all(parameter.is_cuda for parameter in trainable) or None
        self.optimizer = torch.optim.Adam(trainable, lr=schedule.learning_rate, betas=schedule.betas, fused=fused)

    def step(self, loss: Tensor, learning_rate: float) -> None:
        """Take one step of Adam down ``loss``."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        if self.clip_norm:
            nn.utils.clip_grad_norm_(self.module.parameters(), self.clip_norm)
        self.optimizer.step()


@dataclass
class Players:
    """The networks that a step changes, and so all that must be saved to go on."""

    generator: Player
    average: AveragedModel | None
    """The moving average of the generator's weights, if wanted."""
    adversary: Player | None

    @property
    def result(self) -> nn.Module:
        """The network that goes into the checkpoint."""
        return self.generator.module if self.average is None else self.average.module

    def state(self) -> dict[str, Tensor]:
        """Return every weight, buffer and moment, by name."""
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors |= {f"{name}.{key}": value for key, value in module.state_dict().items()}
        for name, optimizer in self._optimizers().items():
            for index, moments in optimizer.state_dict()["state"].items():
                tensors |= {f"{name}.{index}.{key}": value for key, value in moments.items()}
        return tensors

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Put back what ``state`` returned.

        Raises:
            RuntimeError: if tensors are missing or have other shapes.
        """
        for name, module in self._modules().items():
            module.load_state_dict(_below(tensors, f"{name}."))
        for name, optimizer in self._optimizers().items():
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in _below(tensors, f"{name}.").items():
                index, moment = key.split(".")
                state.setdefault(int(index), {})[moment] = value
            optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})

    def _modules(self) -> dict[str, nn.Module]:
        modules: dict[str, nn.Module] = {"model": self.generator.module}
        if self.average is not None:
            modules["average"] = self.average
        if self.adversary is not None:
            modules["adversary"] = self.adversary.module
        return modules

    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        optimizers: dict[str, torch.optim.Optimizer] = {"adam": self.generator.optimizer}
        if self.adversary is not None:
            optimizers["adam_adversary"] = self.adversary.optimizer
        return optimizers


def moving_average(model: nn.Module, decay: float) -> AveragedModel | None:
    """Return an exponential moving average of the weights of ``model`` with ``decay``; None for decay 0."""
    if decay == 0:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]  # untyped in torch


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
