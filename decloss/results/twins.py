"""The claims on LPIPS at equal PSNR: what our checkpoints with DECLoss do beyond sharpening those without it."""

from decloss.evaluation.equal_psnr import compare_as_it_is, compare_sharpened, sharpened
from decloss.results.claims import PAIRS, UNDECIDED, equal_psnr_cells
from decloss.results.stored import Stored
from decloss.results.table import Cell, Column, Table


def twins_table(stored: Stored, data: str) -> Table:
    """Return the table that compares each pair of ``PAIRS`` at equal PSNR on the benchmark ``data``, in two ways.

    Once the pictures of the network with DECLoss are taken as they are, and only the other's are sharpened; once both
    are sharpened a little, which decides also where DECLoss costs no PSNR.
    """
    rows: list[tuple[Cell, ...]] = []
    measured = stored.twins[data]
    for first, second in PAIRS:
        words = f"LPIPS of `{first}` is below that of `{second}`"
        if first not in measured or second not in measured:
            rows.append((words, *(None,) * 3, f"{UNDECIDED}: not both are measured yet"))
            continue
        own, other = sharpened(measured[first]), sharpened(measured[second])
        rows.append((f"{words}, sharpened", *equal_psnr_cells(compare_as_it_is(own[0], other))))
        rows.append((f"{words}, both sharpened", *equal_psnr_cells(compare_sharpened(own, other))))
    images = len(next(iter(next(iter(measured.values())).values()))["lpips"])
    about = (
        f"An unsharp mask lowers LPIPS too, and costs PSNR. So LPIPS is compared at equal PSNR-Y, over the {images} "
        f"images of {data}: as trained, against the network without DECLoss whose pictures are sharpened to that PSNR, "
        f"and with both sharpened. Means and 95 % intervals (10,000 bootstrap resamples)."
    )
    titles = ("PSNR-Y, dB", "difference", "95 % interval")
    columns = (Column("claim"), *(Column(title, "ours") for title in titles), Column("verdict"))
    return Table(f"Does DECLoss do more than sharpening? On {data}", about, columns, tuple(rows))
