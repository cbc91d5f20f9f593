"""The claims at equal PSNR against numbers of which the answer is known."""

from decloss.results.claims import PAIRS
from decloss.results.stored import Stored
from decloss.results.twins import twins_table


def twins(psnr_y: float, lpips: float) -> dict[str, dict[str, list[float]]]:
    """Six images; each unit of sharpening costs 0.5 dB and lowers LPIPS by 0.05."""
    return {
        f"{amount:g}": {
            "psnr_y": [psnr_y + apart - 0.5 * amount for apart in (3, -3, 2, -2, 1, -1)],
            "lpips": [lpips + apart - 0.05 * amount for apart in (0, 0.1, 0, 0.1, 0, 0.1)],
        }
        for amount in (0, 1, 2)
    }


def test_a_pair_is_decided_where_both_have_the_same_psnr() -> None:
    names = [name for pair in PAIRS for name in pair]
    measured = dict.fromkeys(names[:6], twins(28.0, 0.3))
    measured[names[0]] = twins(27.75, 0.3 - 0.025)  # what sharpening does for as much PSNR
    measured[names[2]] = twins(27.75, 0.3 - 0.045)  # 0.02 better than that
    measured[names[4]] = twins(28.5, 0.31)  # better in PSNR, for which it could be sharpened by one unit
    table = twins_table(Stored({}, {}, {}, {}, {"Set": measured}), "Set")
    assert "over the 6 images of Set" in table.about
    cells = [row[1:] for row in table.rows]
    assert [row[0] for row in cells[:2]] == ["27.75", "27.65"]
    assert all(float(str(row[1])) == 0 for row in cells[:2])
    assert cells[2] == ("27.75", "-0.0200", "-0.0200 .. -0.0200", "holds") and cells[3][1:] == cells[2][1:]
    assert cells[4] == (None, None, None, "undecided: no common PSNR")
    assert cells[5] == ("27.90", "-0.0400", "-0.0400 .. -0.0400", "holds")
    assert cells[6] == (None, None, None, "undecided: not both are measured yet") and len(cells) == 7
