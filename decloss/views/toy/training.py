"""The toy's network and its training, a few steps at a time."""

import copy
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from decloss.dec import DECLoss, mu_from_fraction
from decloss.figures.toy import Array
from decloss.models import bicubic_upscale
from decloss.views.toy.problem import MEAN, SIDE, Data, Problem, generator_of, icoo_of_all, make_data

PATCH_SIZES = (8, 12, 24)
MSE, L1, DEC, BOTH = "MSE", "L1", "DECLoss", "L1 + DECLoss"
TOY_LOSSES = (MSE, L1, DEC, BOTH)
MU = mu_from_fraction(0.25, SIDE)
ICOO_EVERY = 10
"""The number of steps from one measurement of ICOO to the next."""
HIDDEN = 64


@dataclass(frozen=True)
class ToyObjective:
    """The loss and the settings that the network is trained with; they may change during a run."""

    loss: str = DEC
    pixel: float = 1.0
    """The weight of L1 beside DECLoss, whose own is 1; the paper's weights in Eq. (26), 1e-2 and 3e-5, make it 333."""
    alpha: float = 1.0
    eta: float = 12.0
    temperature: str = "outside"
    t_pos: float = 0.5
    t_neg: float = 1.5
    patch_size: int = SIDE
    learning_rate: float = 3e-3

    def __call__(self, sr: Tensor, hr: Tensor) -> Tensor:
        """Return the loss, a scalar, of SR and HR."""
        if self.loss == MSE:
            return F.mse_loss(sr, hr)
        if self.loss == L1:
            return F.l1_loss(sr, hr)
        contrast = self.contrastive()(sr, hr)
        return contrast + self.pixel * F.l1_loss(sr, hr) if self.loss == BOTH else contrast

    def contrastive(self) -> DECLoss:
        """Build the library's loss with these settings."""
        temperatures = (self.t_pos, self.t_neg)
        return DECLoss(self.alpha, MU, self.eta, *temperatures, self.patch_size, self.temperature, backend="dense")


@dataclass(frozen=True)
class Record:
    """What was measured before step ``step`` + 1."""

    step: int
    loss: float
    output: Tensor
    """The output for the LR without noise, (1, 1, SIDE, SIDE)."""
    icoo: float | None
    """The ICOO of all outputs in dB, at every tenth step; None at the others."""
    spread: Array | None
    """Where the outputs for all pictures lie in the plane of the data, (PICTURES, 2), whenever ICOO is measured."""
    objective: ToyObjective
    """The objective with which that step is made."""


@dataclass(frozen=True)
class Run:
    """A training so far, which never changes: ``advance`` returns another one."""

    problem: Problem
    data: Data = field(repr=False)
    weights: tuple[Tensor, ...] = field(repr=False)
    optimiser: dict[str, Any] | None = field(default=None, repr=False)
    """The state of Adam; None before the first step."""
    step: int = 0
    history: tuple[Record, ...] = field(default=(), repr=False)

    def output_at(self, step: int) -> Tensor:
        """Return what the network made of the LR without noise after ``step`` steps, (1, 1, SIDE, SIDE)."""
        return self.history[step].output if step < len(self.history) else self.output()

    @torch.no_grad()
    def outputs(self) -> Tensor:
        """Return what the network makes of each picture's LR, (PICTURES, 1, SIDE, SIDE)."""
        return network(self.weights, self.data.inputs)

    @torch.no_grad()
    def output(self) -> Tensor:
        """Return what the network makes of the LR without noise, (1, 1, SIDE, SIDE)."""
        return network(self.weights, self.data.lr)


def start_run(problem: Problem) -> Run:
    """Return a run with an untrained network and its data."""
    data = make_data(problem)
    generator = generator_of(problem.seed + 1)
    inputs = data.lr.numel()
    shapes, scales = ((HIDDEN, inputs), (HIDDEN,), (SIDE**2, HIDDEN)), (inputs**-0.5, 0.1, 0.02 * HIDDEN**-0.5)
    drawn = [s * torch.randn(*d, generator=generator, dtype=torch.float64) for d, s in zip(shapes, scales, strict=True)]
    bias = torch.zeros(SIDE**2, dtype=torch.float64)
    if problem.start == MEAN:
        bias = (data.mean - network((*drawn, bias), data.lr)).flatten()
    return Run(problem, data, (*drawn, bias))


def network(weights: tuple[Tensor, ...], lr: Tensor) -> Tensor:
    """Add a one-hidden-layer perceptron's details to bicubic; (B, 1, SIDE/4, SIDE/4) to (B, 1, SIDE, SIDE)."""
    hidden = F.relu(F.linear(lr.flatten(1) - 0.5, weights[0], weights[1]))  # (B, HIDDEN)
    details = F.linear(hidden, weights[2], weights[3])  # (B, SIDE * SIDE)
    return bicubic_upscale(lr) + details.view(-1, 1, SIDE, SIDE)


def advance(run: Run, objective: ToyObjective, steps: int) -> Run:
    """Return the run after ``steps`` more steps of Adam, each on all pictures; ``run`` itself stays as it is."""
    weights = [weight.clone().requires_grad_() for weight in run.weights]
    adam = torch.optim.Adam(weights, lr=objective.learning_rate)
    if run.optimiser is not None:
        adam.load_state_dict(copy.deepcopy(run.optimiser))  # Adam would change the tensors of ``run`` in place
        adam.param_groups[0]["lr"] = objective.learning_rate
    data, hr, records = run.data, run.data.hr, []
    for step in range(run.step, run.step + steps):
        sr = network(tuple(weights), data.inputs)
        loss = objective(sr, hr)
        with torch.no_grad():
            output, seldom = network(tuple(weights), data.lr), step % ICOO_EVERY == 0
            score = icoo_of_all(sr, hr) if seldom else None
            spread = data.plane.place(sr.detach().numpy()) if seldom else None
            records.append(Record(step, loss.item(), output, score, spread, objective))
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        adam.step()
    trained = tuple(weight.detach() for weight in weights)
    return Run(run.problem, data, trained, adam.state_dict(), run.step + steps, (*run.history, *records))
