"""Tables of results as HTML: values to sort by, links to Compare, nothing unescaped."""

import re

from decloss.results.table import Column, Table
from decloss.ui.paper.table import results_table

TABLE = Table(
    "Table <1>",
    "On `edsr-l1` & others",
    (Column("configuration"), Column("LPIPS", "paper", 3), Column("LPIPS", "ours", 4)),
    (("`edsr-l1`", 0.273, 0.39768), ("`rrdb-l1`", 0.118, "not trained yet"), ("`<b>`", None, 0.5)),
)


def test_cells_carry_their_exact_value_and_say_whose_it_is() -> None:
    text = results_table(TABLE, ["bicubic", "edsr-l1"])
    assert '<td class="paper" data-value="0.273">0.273</td>' in text
    assert '<td class="ours" data-value="0.39768">0.3977</td>' in text
    assert '<td class="ours">not trained yet</td>' in text and '<td class="paper"></td>' in text
    assert re.findall(r'<button type="button" class="sort">([^<]*)', text) == ["configuration", "paper: LPIPS", "LPIPS"]


def test_a_checkpoint_that_exists_leads_to_compare_and_others_do_not() -> None:
    text = results_table(TABLE, ["bicubic", "edsr-l1"])
    assert re.findall(r'href="([^"]*)"', text) == ["?tab=compare&amp;models=bicubic~edsr-l1"]
    assert "<code>rrdb-l1</code>" in text


def test_everything_is_escaped() -> None:
    text = results_table(TABLE, [])
    assert "Table &lt;1&gt;" in text and "<code>&lt;b&gt;</code>" in text and "<b>" not in text
