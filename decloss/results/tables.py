"""Tables 1 to 3 of the paper, with our numbers in columns of their own."""

from collections.abc import Sequence

from decloss.results.stored import Evaluation, Stored, paper_rows
from decloss.results.table import Cell, Column, Table
from decloss.training.config import RECIPES

OURS = (
    ("psnr_rgb", Column("PSNR-RGB", "ours", 2)),
    ("psnr_y", Column("PSNR-Y", "ours", 2)),
    ("lpips", Column("LPIPS", "ours", 4)),
    ("icoo", Column("ICOO", "ours", 2)),
)
WITH_COLOUR = (*OURS, ("colour_error", Column("colour error", "ours", 2)))
PRINTED = (
    ("psnr", Column("PSNR", "paper", 2)),
    ("lpips", Column("LPIPS", "paper", 3)),
    ("icoo", Column("ICOO", "paper", 2)),
)
NOT_TRAINED, NOT_MEASURED, NOT_OURS = "not trained yet", "not measured", "not ours to run"


def table_1(stored: Stored, data: str) -> Table:
    """Return Table 1: the ten configurations, with our scores on the benchmark ``data`` and the cost of training."""
    evaluation, cost = stored.evaluations[data], stored.training_cost.get("rows", {})
    bicubic = _scores(evaluation, "bicubic", WITH_COLOUR)
    rows: list[tuple[Cell, ...]] = [("", "`bicubic`", "", *(None,) * 5, *bicubic, None)]
    for row in paper_rows(1):
        name = row["name"]
        printed = [row[key] for key, _ in PRINTED]
        hours = [row["gpu_hours"], row["gpu_hours"] / paper_rows(1)[0]["gpu_hours"]]
        ours = _scores(evaluation, name, WITH_COLOUR) if name in evaluation.rows else [NOT_TRAINED, *(None,) * 4]
        rows.append(
            (str(row["row"]), f"`{name}`", _terms(name), *printed, *hours, *ours, cost.get(name, {}).get("ratio"))
        )
    about = f"The paper's numbers are on the validation images of DIV2K, ours on {data} ({evaluation.images} images). "
    about += "Colour error: the mean absolute difference of R, G and B, averaged over 16 × 16 pixels, in levels of 255."
    if cost:
        about += (
            f" Cost: seconds for 1,000 steps as a ratio to row 1, the paper's from its GPU hours, ours measured on "
            f"{stored.training_cost['hardware']} with batches of {stored.training_cost['batch']}; row 1 takes "
            f"{cost['edsr-l1']['seconds']:.0f} s."
        )
    head = (Column("row"), Column("configuration"), Column("loss"))
    costs = (Column("GPU hours", "paper", 2), Column("cost", "paper", 2))
    columns = (*head, *(c for _, c in PRINTED), *costs, *(c for _, c in WITH_COLOUR), Column("cost", "ours", 2))
    return Table(f"Table 1, on {data}", about, columns, tuple(rows))


def table_2(stored: Stored) -> Table:
    """Return Table 2: quality after short finetunes, and the loss's memory and time, by size of the mini-patches."""
    group, cost = stored.experiments["patch-size"], stored.patch_sizes.get("rows", {})
    rows: list[tuple[Cell, ...]] = []
    for row in paper_rows(2):
        size = str(row["size"])
        run = group["runs"].get(f"P {size}")
        ours = [run["scores"][0][key] for key in ("psnr_rgb", "lpips", "icoo")] if run else [NOT_MEASURED, None, None]
        streaming, dense = (cost.get(size, {}).get(kind) or {} for kind in ("streaming", "dense"))
        too_large = "dense" in cost.get(size, {}) and not dense
        spent = [streaming.get("seconds"), "does not fit" if too_large else dense.get("seconds")]
        memory = [streaming.get("megabytes"), dense.get("megabytes")]
        rows.append((f"{size} × {size}", *(row[key] for key, _ in PRINTED), *ours, *spent, *memory))
    about = (
        f"The paper's numbers are on the validation images of DIV2K. Ours are after short finetunes from "
        f"`{group['init']}`: {group['steps']} steps of {group['batch']} crops of {group['crop']} × {group['crop']} "
        f"(LR), 1 % positive pairs, one seed, measured on Kodak; differences this small can be chance."
    )
    if cost:
        about += (
            f" Time and memory are one forward and backward pass of the loss on one crop of 192 × 192, on "
            f"{stored.patch_sizes['hardware']}; memory is what comes on top of images and libraries."
        )
    scores = (Column("PSNR-RGB", "ours", 2), Column("LPIPS", "ours", 4), Column("ICOO", "ours", 2))
    costs = tuple(
        Column(title, "ours", digits)
        for title, digits in (("streaming, s", 3), ("dense, s", 3), ("streaming, MB", 0), ("dense, MB", 0))
    )
    printed = (Column("PSNR", "paper", 2), Column("LPIPS", "paper", 4), Column("ICOO", "paper", 2))
    return Table("Table 2", about, (Column("mini-patch"), *printed, *scores, *costs), tuple(rows))


def table_3(stored: Stored) -> Table:
    """Return Table 3: methods on benchmarks, with our numbers beside the paper's where both exist."""
    rows: list[tuple[Cell, ...]] = []
    for row in paper_rows(3):
        model, evaluation = row["model"], stored.evaluations.get(row["data"])
        ours: list[Cell] = [NOT_MEASURED if model else None, None, None, None]
        if model and evaluation:
            ours = _scores(evaluation, model, OURS) if model in evaluation.rows else [NOT_TRAINED, None, None, None]
        name = f"`{model}`" if model else NOT_OURS
        rows.append((row["data"], row["method"], name, *(row[key] for key, _ in PRINTED), *ours))
    head = (Column("data"), Column("method"), Column("our checkpoint"))
    columns = (*head, *(c for _, c in PRINTED), *(c for _, c in OURS))
    about = (
        "SRFlow, RankSRGAN and ESRGAN are networks of others that we did not run: their rows hold the paper's numbers "
        "only. Where a benchmark says “not measured”, its images were not at hand."
    )
    return Table("Table 3", about, columns, tuple(rows))


def _scores(evaluation: Evaluation, model: str, columns: Sequence[tuple[str, Column]]) -> list[Cell]:
    """Return our scores of a model that was measured, for ``columns``; "n/a" where one could not be."""
    means = (evaluation.mean(model, key) for key, _ in columns)
    return ["n/a" if mean is None else mean for mean in means]


def _terms(name: str) -> str:
    """Return the terms of a recipe's loss in words."""
    losses = RECIPES[name].losses
    terms = {
        "L1": losses.l1_weight,
        "VGG": losses.perceptual_weight,
        "DECLoss": losses.dec_weight,
        {"gan": "GAN", "ragan": "RaGAN", "none": ""}[losses.adversarial]: losses.adversarial_weight,
    }
    return " + ".join(term for term, weight in terms.items() if weight)
