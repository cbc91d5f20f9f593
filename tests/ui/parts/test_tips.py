"""The one-line explanations of words."""

from decloss.ui.parts.tips import LINES, line, tip


def test_the_words_that_visitors_stumble_over_have_a_line_each() -> None:
    assert {"mini-patch", "DC", "t_pos"} <= LINES.keys()
    assert all(len(text) <= 110 and "\n" not in text for text in LINES.values())
    assert all(line(word) == text for word, text in LINES.items())


def test_a_tip_is_reached_by_keyboard_and_described_by_its_line() -> None:
    html = tip("t_pos", "contrast")
    assert 'tabindex="0"' in html
    assert 'aria-describedby="tip-contrast-t_pos"' in html
    assert f'role="tooltip" id="tip-contrast-t_pos">{line("t_pos")}<' in html


def test_a_tip_shows_other_text_as_text() -> None:
    html = tip("mini-patch", "a b", "<b>mini-patches</b>")
    assert "&lt;b&gt;mini-patches&lt;/b&gt;" in html
    assert 'id="tip-a-b-mini-patch"' in html
