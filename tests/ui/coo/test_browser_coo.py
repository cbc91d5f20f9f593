"""A person looks for the COO problem at the page, in a real browser."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browser_page import WAIT, expect_to_fit, set_number, unfold
from playwright.sync_api import Browser, Page, expect
from waiting import wait_for

from decloss.figures.embedding import embedding_data
from decloss.files.examples import example_photos
from decloss.files.images import decode_photo
from decloss.ui.coo import tab as coo_tab
from decloss.ui.coo.tab import SCRIPTS
from decloss.ui.coo.words import MARKUP
from decloss.ui.parts.script import read_script
from decloss.views.scene import cut_scene
from decloss.zoo.registry import Zoo

FEW = "tab=coo&photo=coffee.png&x=50&y=50&o.count=200&o.models=bicubic~tiny-a"
MAPPED = "document.querySelector('.coo-map')?.plotted?.length > 0"


@pytest.fixture
def tab(visit: Callable[..., Page]) -> Page:
    """An empty page: the first address it opens is the tab's."""
    return visit(None)


def open_tab(page: Page, app_url: str, query: str = FEW) -> None:
    page.goto(f"{app_url}?{query}")
    expect(page.locator("#coo-table tbody tr").first).to_be_visible(timeout=WAIT)
    expect(page.locator(".coo-card strong")).to_contain_text("Ground truth 1 of 12", timeout=WAIT)


def hover(page: Page, kind: str, index: int, name: str = "") -> None:
    """Move the mouse to a point of the map that no other covers."""
    page.locator(".coo-plot canvas").scroll_into_view_if_needed()
    place = page.evaluate(
        """([kind, index, name]) => document.querySelector(".coo-map").plotted.find(({point}) =>
            point.kind === kind && point.index === index && (!name || point.series.name === name)).place""",
        [kind, index, name],
    )
    box = page.locator(".coo-plot canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + place[0], box["y"] + place[1])


def drawn(page: Page, index: int) -> np.ndarray:
    """(P, P, 3): the mini-patch that the card shows at ``index``."""
    values = (
        page.locator(".coo-patches canvas")
        .nth(index)
        .evaluate("c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)")
    )
    side = round((len(values) / 4) ** 0.5)
    return np.array(values, np.uint8).reshape(side, side, 4)[..., :3]


def workers() -> list[int]:
    """t-SNE processes below this one, so not those of others on this machine."""
    parent, named = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent[int(folder.name)] = int((folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            if b"decloss.views.projection" in (folder / "cmdline").read_bytes():
                named.append(int(folder.name))
        except OSError:
            continue

    def below_us(pid: int) -> bool:
        return pid == os.getpid() or (pid in parent and below_us(parent[pid]))

    return [pid for pid in named if below_us(pid)]


def wait_for_workers(*, running: bool) -> None:
    wait_for(lambda: bool(workers()) == running)


def expect_to_move(tab: Page) -> None:
    """The points move while a map is made; one of so few may be there before the page has drawn any on their way."""
    unfold(tab.get_by_role("button", name="Map and neighbours"))
    for seed in range(1, 6):
        if tab.evaluate("document.querySelector('.coo-map').moved"):
            return
        set_number(tab, "coo-seed", seed)
        tab.click("#coo-run")
        expect(tab.locator("#coo-status")).to_contain_text(f"seed {seed}", timeout=WAIT)
    assert tab.evaluate("document.querySelector('.coo-map').moved"), "the points moved while it was made"


def test_embed_and_look_at_mini_patches_with_mouse_and_keys_and_on_a_phone(
    tab: Page, app_url: str, tiny_checkpoints: Path
) -> None:
    open_tab(tab, app_url)
    expect(tab.locator("#coo-table th[scope=row]")).to_have_text(["Bicubic · no networkbicubic", "tiny-a", "HR itself"])
    expect(tab.locator(".coo-empty")).to_have_text("No map yet: press Embed.")
    tab.click("#coo-run")
    tab.wait_for_function(MAPPED, timeout=WAIT)
    expect(tab.locator("#coo-status")).to_contain_text("200 HR mini-patches of 8 × 8 pixels, enhanced", timeout=WAIT)
    kinds = tab.evaluate("document.querySelector('.coo-map').plotted.map(({point}) => point.kind)")
    assert [kinds.count(kind) for kind in ("hr", "truth", "sr")] == [200, 12, 24]

    photo = next(Path(path) for path, _ in example_photos() if Path(path).name == "coffee.png")
    scene = cut_scene(decode_photo(photo).pixels, 0.5, 0.5)
    hover(tab, "hr", 17)
    expect(tab.locator(".coo-card strong")).to_contain_text("HR mini-patch")
    left, top = map(int, re.findall(r"\d+", tab.inner_text(".coo-card strong")))
    assert np.array_equal(drawn(tab, 0), scene.hr[top : top + 8, left : left + 8])

    # From the keyboard, on from a ground truth: the next one, then what the last network makes of it.
    hover(tab, "truth", 3)
    title = tab.inner_text(".coo-card strong")
    tab.locator(".coo-plot canvas").focus()
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text(".coo-card strong") != title
    tab.keyboard.press("ArrowUp")
    expect(tab.locator(".coo-card strong")).to_contain_text(": tiny-a")
    expect(tab.locator(".coo-patches figcaption")).to_have_text(["tiny-a", "ground truth", "nearest HR", "centre of 8"])
    chosen = int(re.findall(r"\d+", tab.inner_text(".coo-card strong"))[0]) - 1
    left, top = tab.evaluate(
        """index => document.querySelector(".coo-map").plotted.find(({point}) =>
            point.kind === "truth" && point.index === index).point.at""",
        chosen,
    )
    sr = scene.sr("tiny-a", Zoo((tiny_checkpoints,)).load)
    assert np.abs(drawn(tab, 0).astype(int) - sr[top : top + 8, left : left + 8]).max() <= 2  # rounding of threads
    assert np.array_equal(drawn(tab, 1), scene.hr[top : top + 8, left : left + 8])

    # It is still there after a look at another tab, and marked as old with other vectors; nothing is lost.
    tab.get_by_role("tab", name="Compare").click()
    tab.get_by_role("tab", name="COO", exact=True).click()
    tab.wait_for_function(MAPPED, timeout=WAIT)
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.locator(".coo-plot canvas").scroll_into_view_if_needed()
    assert len(tab.locator(".coo-plot canvas").screenshot()) > 5000  # drawn, not blank
    expect_to_fit(tab)
    assert tab.locator("#coo-table .scores").evaluate("node => node.scrollWidth <= node.clientWidth"), "all is seen"
    expect(tab.locator(".coo-words")).to_contain_text("These are enhanced mini-patches")
    expect_to_move(tab)
    tab.get_by_role("button", name="Raw", exact=True).click()
    expect(tab.locator(".coo-old")).to_contain_text("what was chosen before", timeout=WAIT)
    assert tab.evaluate(MAPPED) and "o.space=Raw" in tab.url
    assert float(tab.locator(".coo-plot").evaluate("node => getComputedStyle(node).opacity")) < 0.6
    tab.get_by_role("button", name="Detail only", exact=True).click()
    expect(tab.locator(".coo-old")).to_be_hidden(timeout=WAIT)
    assert tab.evaluate(MAPPED)
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the map as a picture").click()
    assert saved.value.suggested_filename == "mini-patches.png"


def test_a_map_that_is_marked_as_old_does_not_move_and_is_itself_after_stop(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(MARKUP)
    page.evaluate(
        """(script) => {
          const props = { value: null };
          let heard = () => {};
          new Function("element", "props", "watch", script)(document.body, props, (_, then) => { heard = then; });
          window.tell = (value) => { props.value = value; heard(); };
        }""",
        read_script(*(Path(coo_tab.__file__).parent / name for name in SCRIPTS)),
    )
    hr, places = np.zeros((16, 16, 3), np.uint8), (np.array([[0, 0], [0, 8]]), np.array([[8, 8]]))
    mapped, unmapped = (
        {**embedding_data(hr, 8, *places, [], points), "words": []} for points in (np.eye(3)[:, :2], None)
    )

    def plotted() -> list[list[float]]:
        page.wait_for_timeout(600)  # what moves has come to rest
        return page.evaluate("document.querySelector('.coo-map').plotted.map(({ place }) => place)")

    page.evaluate("tell", mapped)
    before = plotted()
    for value in ({**unmapped, "moving": True}, {**unmapped, "old": "old"}, {"move": [500] * 6, "share": 0.5}):
        page.evaluate("tell", value)
    assert plotted() == before
    page.evaluate("tell", {"stopped": True})
    assert plotted() == before and page.locator(".coo-old").inner_text() == "old"
    page.close()


def test_it_opens_with_a_map_that_was_made_ahead(visit: Callable[..., Page], app_folder: Path) -> None:
    wait_for(lambda: list((app_folder / "data" / "coo-maps").glob("*.json")))
    page = visit("tab=coo")
    page.wait_for_function(MAPPED, timeout=WAIT)
    expect(page.locator("#coo-status")).to_contain_text("Trustworthiness")
    expect(page.locator(".coo-words")).to_contain_text("mini-patches")
    assert not workers(), "nothing is computed for a visitor"


def test_stop_and_leaving_end_the_process(tab: Page, app_url: str) -> None:
    open_tab(tab, app_url, FEW.replace("200", "3000"))
    tab.click("#coo-run")
    expect(tab.locator("#coo-status")).to_contain_text("Embedding 3,0", timeout=WAIT)
    wait_for_workers(running=True)
    tab.click("#coo-stop")
    expect(tab.locator("#coo-status")).to_contain_text("Stopped", timeout=WAIT)
    wait_for_workers(running=False)
    assert not tab.evaluate(MAPPED)
    tab.click("#coo-run")
    wait_for_workers(running=True)
    tab.close()
    wait_for_workers(running=False)


def test_controls_change_the_table_and_a_damaged_checkpoint_has_its_sentence(tab: Page, app_url: str) -> None:
    open_tab(tab, app_url, "tab=coo&o.count=300&o.models=bicubic~broken")
    expect(tab.locator("#coo-table .failed")).to_have_text("cannot be used: its file is damaged")
    table = tab.locator("#coo-table")
    unfold(tab.get_by_role("button", name="Map and neighbours"))
    actions = (
        tab.get_by_role("button", name="As in the loss").click,
        tab.locator("#coo-size label").first.click,
        tab.locator("#coo-rule label").nth(1).click,
        tab.get_by_role("button", name="Many neighbours").click,
    )
    for act in actions:
        before = table.inner_text()
        act()
        expect(table).not_to_have_text(before, use_inner_text=True, timeout=WAIT)
    expect(table).to_contain_text("Centre of 24")
    parts = ["o.mu=0.25", "o.p=4", "o.truths=At+random", "o.k=24", "o.perplexity=80"]
    tab.wait_for_function("parts => parts.every(part => location.search.includes(part))", arg=parts)
