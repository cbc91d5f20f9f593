"""Tables of results as HTML: values to sort by, our columns beside the paper's, verdicts, links, nothing unescaped."""

import re
from html import unescape
from urllib.parse import parse_qs

import gradio as gr
import pytest

from decloss.results.claims import PAIRS
from decloss.results.stored import load_stored
from decloss.results.table import Column, Table
from decloss.ui.paper.tab import paper_tables, read_pair
from decloss.ui.paper.table import beside_each_other, pair_for, results_table

TABLE = Table(
    "Table <1>",
    "On `edsr-l1` & others",
    (Column("configuration"), Column("LPIPS", "paper", 3), Column("hours", "paper"), Column("LPIPS", "ours", 4)),
    (("`edsr-l1`", 0.273, 1.0, 0.39768), ("`rrdb-l1`", 0.118, None, "not trained yet"), ("`<b>`", None, None, 0.5)),
)
NAMES = ["bicubic", *dict.fromkeys(name for pair in PAIRS for name in pair)]


def links(text: str) -> list[str]:
    """The pairs that the links of a table compare, each as its address and as its script say."""
    found = re.findall(r'<a href="([^"]*)" data-models="([^"]*)"', text)
    for address, models in found:
        left, right = unescape(models).split("~")
        asked = {"tab": ["compare"], "models": [unescape(models)], "left": [left], "right": [right]}
        assert parse_qs(unescape(address).removeprefix("?")) == asked
    return [unescape(models) for _, models in found]


def test_cells_carry_their_exact_value_and_say_whose_it_is() -> None:
    text = results_table(TABLE, ["bicubic", "edsr-l1"])
    assert '<td class="paper" data-label="LPIPS, paper" data-value="0.273">0.273</td>' in text
    assert '<td class="ours" data-label="LPIPS, ours" data-value="0.39768">0.3977</td>' in text
    assert '<td class="ours" data-label="LPIPS, ours">not trained yet</td>' in text
    assert '<td class="paper empty" data-label="LPIPS, paper"></td>' in text


def test_signed_numbers_that_are_written_as_text_are_sorted_as_numbers() -> None:
    rows = (("+0.0334",), ("-0.1",), ("-0.08",), ("n/a",))
    text = results_table(Table("", "", (Column("difference", "ours"),), rows), [])
    assert re.findall(r'data-value="([^"]+)"', text) == ["0.0334", "-0.1", "-0.08"]
    claims = results_table(paper_tables(load_stored(), "BSD100")["claims"], NAMES)
    cells = re.findall(r'data-label="difference, ours"( data-value="[^"]+")?>([+-][\d.]+)<', claims)
    assert cells and all(value == f' data-value="{float(number)!r}"' for value, number in cells)


def test_each_of_our_columns_stands_beside_the_paper_s_of_the_same_name() -> None:
    heads = re.findall(r'<button type="button" class="sort">(.*?)</button>', results_table(TABLE, []))
    assert heads == [
        "configuration", "<small>paper</small> LPIPS", "<small>ours</small> LPIPS", "<small>paper</small> hours",
    ]  # fmt: skip
    for table in paper_tables(load_stored(), "BSD100").values():
        order = beside_each_other(table.columns)
        assert sorted(order) == list(range(len(table.columns)))
        shown = [table.columns[index] for index in order]
        titles = [(column.title.removesuffix("-RGB"), column.source) for column in shown]
        for title, _ in [pair for pair in titles if pair[1] == "paper" and (pair[0], "ours") in titles]:
            assert titles.index((title, "ours")) == titles.index((title, "paper")) + 1


def test_a_checkpoint_leads_to_the_one_without_decloss_and_others_to_nothing() -> None:
    text = results_table(TABLE, ["bicubic", "edsr-l1"])
    assert links(text) == ["bicubic~edsr-l1"] and "<b>EDSR · pixel loss</b>" in text
    assert "<code>rrdb-l1</code>" in text
    assert pair_for(["edsr-l1-vgg-dec"]) == ("edsr-l1-vgg", "edsr-l1-vgg-dec")
    assert pair_for(["bicubic"]) == ("bicubic", "edsr-l1") and pair_for(["x"]) == ("edsr-l1", "x")


def test_a_claim_is_one_link_to_exactly_its_two_networks_and_has_a_verdict_in_words() -> None:
    claims = paper_tables(load_stored(), "BSD100")["claims"]
    text = results_table(claims, NAMES)
    assert links(text) == 2 * [f"{without}~{name}" for name, without in PAIRS]
    verdicts = [str(row[-1]) for row in claims.rows]
    marked = re.findall(
        r'<td class="words" data-label="verdict"><strong class="verdict (\w+)">.*?</span> ([\w ]+)<', text
    )
    assert [word for _, word in marked] == verdicts
    assert {"holds": "holds", "does not hold": "fails", "undecided": "undecided"}[verdicts[0]] == marked[0][0]
    differences = [str(row[1]) for row in claims.rows]
    assert {"+", "-"} == {difference[0] for difference in differences}
    for difference, verdict in zip(differences, verdicts, strict=True):
        word = "lower" if difference[0] == "-" else "higher"
        why = "the interval includes 0" if verdict == "undecided" else f"{word} by {difference[1:]}"
        assert f"<small>{why}</small>" in text
    assert f'<strong class="verdict holds">{verdicts.count("holds")} hold</strong>' in text
    late = Table("", "", claims.columns, (("c", None, None, "undecided: not both are trained yet"),))
    assert "undecided</strong> <small>not both are trained yet</small>" in results_table(late, NAMES)
    assert '<strong class="verdict undecided">1 is undecided</strong>' in results_table(late, NAMES)


def test_claims_at_equal_psnr_are_shown_with_their_verdicts_and_without_links() -> None:
    tables = paper_tables(load_stored(), "BSD100")
    assert list(tables)[:3] == ["claims", "twins", "curves"]
    text = results_table(tables["curves"], NAMES)
    assert not links(text) and text.count('<td class="words" data-label="verdict"><strong') == len(
        tables["curves"].rows
    )


def test_a_pair_from_the_page_is_two_networks_or_refused() -> None:
    assert read_pair("edsr-l1~edsr-l1-dec", NAMES) == ["edsr-l1", "edsr-l1-dec"]
    for wrong in (None, 7, [], {}, "", "x", "edsr-l1~../x", "edsr-l1~mine-abcdef"):
        with pytest.raises(gr.Error):
            read_pair(wrong, NAMES)


def test_everything_is_escaped() -> None:
    text = results_table(TABLE, [])
    assert "Table &lt;1&gt;" in text and "<code>&lt;b&gt;</code>" in text and "<b>" not in text
    assert "<b>&lt;b&gt;</b>" in results_table(TABLE, ["<b>"]) and 'data-models="edsr-l1~&lt;b&gt;"' in results_table(
        TABLE, ["<b>"]
    )
