"""Scores as plain text tables."""

from typing import Any

COLUMNS = {
    "psnr_y": ("PSNR-Y", 2),
    "psnr_rgb": ("PSNR-RGB", 2),
    "ssim": ("SSIM", 4),
    "lpips": ("LPIPS", 4),
    "icoo": ("ICOO", 2),
    "icoo_floor": ("its floor", 2),
    "colour_error": ("colour", 2),
    "seconds_per_megapixel": ("s/MP", 2),
}
WITHOUT_INTERVAL = ("icoo_floor", "seconds_per_megapixel")
Rows = list[dict[str, Any]]


def means_table(results: dict[str, Rows]) -> str:
    """Return a table with a row for each model, the mean over images, and below it the 95 % interval."""
    import numpy as np

    from decloss.evaluation.intervals import bootstrap_interval

    titles = [title for title, _ in COLUMNS.values()]
    lines = [["", *titles]]
    for name, rows in results.items():
        cells, intervals = [name], [""]
        for column, (_, digits) in COLUMNS.items():
            values = _numbers(rows, column)
            cells.append(f"{np.mean(values):.{digits}f}" if values else "n/a")
            low, high = bootstrap_interval(values) if values else (0.0, 0.0)
            shown = values and column not in WITHOUT_INTERVAL and len(values) > 1
            intervals.append(f"{low:.{digits}f}..{high:.{digits}f}" if shown else "")
        lines += [cells, intervals]
    return _aligned(lines)


def comparison_table(models: tuple[str, str], results: dict[str, Rows]) -> str:
    """Return a table of how much the first model differs from the second on the same images, with 95 % intervals."""
    from decloss.evaluation.intervals import paired_difference

    first, second = models
    lines = [["", "difference", "95 % interval", "images", ""]]
    for column, (title, digits) in COLUMNS.items():
        if column in WITHOUT_INTERVAL:
            continue
        own, other = ([row[column] for row in results[name]] for name in models)
        found = paired_difference(own, other)
        if found is None:
            lines.append([title, "n/a", "", "0", ""])
            continue
        verdict = "no difference shown" if not found.shown else "higher" if found.mean > 0 else "lower"
        if found.shown is None:
            verdict = "too few images to say"
        interval = f"{found.low:+.{digits}f}..{found.high:+.{digits}f}"
        lines.append([title, f"{found.mean:+.{digits}f}", interval, str(found.pairs), verdict])
    about = "image by image, without those that have no finite score"
    return f"\n{first} minus {second}, {about}\n{_aligned(lines)}"


def _numbers(rows: Rows, column: str) -> list[float]:
    return [row[column] for row in rows if row[column] is not None]


def _aligned(lines: list[list[str]]) -> str:
    widths = [max(len(line[index]) for line in lines) + 2 for index in range(len(lines[0]))]
    aligned = []
    for first, *others in lines:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        aligned.append((first.ljust(widths[0]) + "".join(cells)).rstrip())
    return "\n".join(aligned)
