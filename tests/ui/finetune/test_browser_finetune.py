"""A person finetunes: starts, leaves, comes back, stops, goes on, and compares the result, in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser_page import WAIT, expect_to_fit, reload, set_number, unfold
from conftest import watch
from playwright.sync_api import Browser, BrowserContext, Page, expect

TRAINING = re.compile(r"running: step [1-9]\d* of 2000")


@pytest.fixture
def context(browser: Browser, app_url: str) -> Iterator[BrowserContext]:
    """One person's browser, which remembers; an error on any of its pages fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    problems: list[list[str]] = []
    context.on("page", lambda page: problems.append(watch(page, app_url)))
    yield context
    context.close()
    assert not [problem for found in problems for problem in found]


def open_tab(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}?tab=finetune")
    expect(page.locator("#ft-start-button")).to_be_visible(timeout=WAIT)


def wait_for(page: Page, state: str | re.Pattern[str]) -> None:
    expect(page.locator("#ft-head .ft-state")).to_have_text(re.compile(state), timeout=WAIT)


def expect_ticked(page: Page, *names: str) -> None:
    expect(page.locator("#checkpoints label:has(input:checked)")).to_have_text(list(names), timeout=WAIT)


def expect_mark(page: Page, wanted: str) -> None:
    """What stands behind the title of the tab Finetune is ``wanted``, or will be."""
    script = """wanted => [...document.querySelectorAll('#tabs [role=tab][data-tab-id=finetune]')]
      .some((tab) => tab.offsetParent && new RegExp(wanted).test(getComputedStyle(tab, '::after').content))"""
    page.wait_for_function(script, arg=wanted, timeout=WAIT)


def step_of(page: Page) -> int:
    found = re.search(r"step (\d+)", page.inner_text("#ft-head .ft-state"))
    assert found
    return int(found[1])


def start_a_long_one(page: Page) -> str:
    """Starts 2000 steps from tiny-a; gives the viewing link once it trains."""
    page.locator("#ft-start input").click()
    page.get_by_role("option", name="tiny-a").click()
    set_number(page, "ft-steps", 2000)
    page.click("#ft-start-button")
    wait_for(page, TRAINING)
    expect(page.locator(".ft-curves .curve").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#ft-slider .ft-before")).to_be_visible(timeout=WAIT)
    expect_mark(page, r"● \d+ %")
    viewing = page.locator("#ft-link textarea, #ft-link input").input_value()
    assert viewing == page.url and re.search(r"job=[\w-]{22}$", viewing)
    page.click("#ft-start-button")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("You have a finetune already", timeout=WAIT)
    return viewing


def move_the_line_between_before_and_now(page: Page) -> None:
    handle, stage = page.locator("#ft-slider [role=slider]"), page.locator("#ft-slider .ft-stage")
    for image in stage.locator("img").all():
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    handle.focus()
    page.keyboard.press("End")
    expect(handle).to_have_attribute("aria-valuenow", "100")
    page.keyboard.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuetext", "98 % before, 2 % now")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 20)
    expect(handle).to_have_attribute("aria-valuenow", "25")
    page.locator("#ft-slider input[type=range]").fill("6")
    assert stage.locator("img").first.evaluate("image => getComputedStyle(image).transform").startswith("matrix(6,")


def take_the_owner_s_key(page: Page, stranger: Page) -> None:
    """The key is shown when asked for, stands in no address, and makes another browser the owner."""
    page.click("#ft-keys > button")
    page.click("#ft-show-key")
    box = page.locator("#ft-key textarea, #ft-key input")
    expect(box).to_have_value(re.compile(r"^[\w-]{43}$"), timeout=WAIT)
    key = box.input_value()
    assert key not in page.url and key not in page.locator("#ft-link textarea, #ft-link input").input_value()
    unfold(stranger.locator("#ft-keys > button"))
    stranger.locator("#ft-other-key input").fill("no key")
    stranger.click("#ft-use-key")
    expect(stranger.locator("[data-testid=toast-body]")).to_contain_text("43 letters", timeout=WAIT)
    stranger.locator("#ft-other-key input").fill(key)
    stranger.click("#ft-use-key")
    expect(stranger.locator("#ft-go-on")).to_be_visible(timeout=WAIT)
    expect(stranger.locator("#ft-mine label")).to_have_count(1, timeout=WAIT)
    assert key not in stranger.url


def test_a_finetune_outlives_its_page_is_stopped_goes_on_and_can_be_compared(
    context: BrowserContext, visit: Callable[..., Page], app_url: str
) -> None:
    page = context.new_page()
    open_tab(page, app_url)
    viewing = start_a_long_one(page)
    move_the_line_between_before_and_now(page)
    page.close()

    # It goes on, and any tab of that browser says so; the list leads back to it, and so does its link, elsewhere.
    page = context.new_page()
    page.goto(app_url)
    expect_mark(page, r"● \d+ %")
    page.get_by_role("tab", name="Finetune").click()
    expect(page.locator("#ft-mine label")).to_have_count(1, timeout=WAIT)
    expect(page.locator("#ft-view")).to_be_hidden()
    page.locator("#ft-mine label").click()
    wait_for(page, TRAINING)
    page.click("#ft-stop")
    wait_for(page, "^stopped: at step [1-9]")
    expect_mark(page, "^none$")
    stopped = step_of(page)
    stranger = visit(urlsplit(viewing).query)
    wait_for(stranger, f"^stopped: at step {stopped},")
    assert stranger.locator("#ft-mine").is_hidden()
    expect(stranger.locator("#ft-not-yours")).to_contain_text("viewing link")
    for button in ("stop", "go-on", "finish", "delete", "elsewhere"):
        expect(stranger.locator(f"#ft-{button}")).to_be_hidden()
    take_the_owner_s_key(page, stranger)
    page.click("#ft-go-on", timeout=WAIT)
    wait_for(page, TRAINING)
    further = "step => document.querySelector('.ft-state').textContent.match(/step (\\d+) of/)?.[1] > step"
    page.wait_for_function(further, arg=stopped, timeout=WAIT)
    page.click("#ft-stop")
    wait_for(page, "^stopped: ")
    assert step_of(page) > stopped
    page.click("#ft-finish")
    wait_for(page, "^finished: ")
    expect(page.locator("#ft-scores tbody tr")).to_have_count(2, timeout=WAIT)
    compare(page, visit, page.inner_text("#ft-head h2"))

    page.get_by_role("tab", name="Finetune").click()
    page.click("#ft-delete")
    page.click("#ft-really")
    expect(page.locator("#ft-view")).to_be_hidden(timeout=WAIT)
    expect(page.locator("#ft-mine")).to_be_hidden(timeout=WAIT)
    page.wait_for_function("!location.search.includes('job=') && !location.search.includes('mine-')")


def compare(page: Page, visit: Callable[..., Page], name: str) -> None:
    """The result's files are there, and Compare has it, for whoever has the link and nobody else."""
    links = page.locator("#ft-files-made a")
    assert [link.get_attribute("download") for link in links.all()] == [f"{name}.safetensors", f"{name}.json"]
    with page.expect_download() as download:
        links.nth(0).click()
    assert download.value.path().stat().st_size > 10_000
    page.click("#ft-compare")
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)
    expect_ticked(page, "tiny-a", name)
    windows = page.locator("#windows figcaption b")
    expect(windows).to_have_text(["The input", "tiny-a", name, "The original"], timeout=WAIT)
    page.wait_for_function("location.search.includes('models=') && !location.search.includes('tab=')")
    expect_ticked(visit(urlsplit(page.url).query), "tiny-a", name)
    other = visit(f"models=tiny-a~{name}")
    expect_ticked(other, "tiny-a")
    expect(other.locator("#checkpoints")).not_to_contain_text("mine-", timeout=WAIT)


def test_values_that_make_no_sense_are_explained_and_nothing_starts(page: Page) -> None:
    page.get_by_role("tab", name="Finetune").click()
    unfold(page.locator("#ft-advanced > button"))
    for name in ("l1", "dec"):
        page.locator(f"#ft-{name} input").fill("0")
    page.click("#ft-start-button")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("Every weight is zero", timeout=WAIT)
    assert "job=" not in page.url and page.locator("#ft-view").is_hidden()
    page.get_by_label("my photos").check()
    expect(page.locator("#ft-files")).to_be_visible()


def test_a_link_to_one_that_is_gone_says_so_and_the_tab_fits_a_phone(visit: Callable[..., Page]) -> None:
    page = visit(f"tab=finetune&job={'a' * 22}", width=390)
    expect(page.locator("#ft-missing")).to_contain_text("no such finetune", timeout=WAIT)
    assert page.locator("#ft-view").is_hidden()
    unfold(page.locator("#ft-advanced > button"))
    expect(page.locator("#ft-crop")).to_be_visible()
    assert page.locator("#ft-eta").is_hidden() and page.locator("#ft-share").is_visible()
    page.get_by_role("radio", name="in dB", exact=True).check()
    assert page.locator("#ft-eta").is_visible() and page.locator("#ft-share").is_hidden()
    expect_to_fit(page)


def weights(page: Page) -> list[str]:
    return [page.locator(f"#ft-{name} input").input_value() for name in ("l1", "perceptual", "dec")]


def expect_chosen(page: Page, *titles: str) -> None:
    expect(page.locator("#ft-preset button[aria-pressed=true] b")).to_have_text(list(titles))


def test_a_button_sets_the_weights_and_settings_outlive_a_reload_and_can_be_saved_and_loaded(
    context: BrowserContext, app_url: str, tmp_path: Path
) -> None:
    page = context.new_page()
    open_tab(page, app_url)
    expect_chosen(page, "+ DECLoss")
    assert page.locator("#ft-l1").is_hidden()  # numbers are under "Advanced"
    unfold(page.locator("#ft-advanced > button"))
    for title, numbers in (("pixel loss", ["10", "0", "0"]), ("+ VGG + DECLoss", ["10", "1", "1"])):
        page.get_by_role("button", name=re.compile(rf"^{re.escape(title)}")).click()
        page.wait_for_function("wanted => document.querySelector('#ft-dec input').value === wanted", arg=numbers[2])
        expect_chosen(page, title)
        assert weights(page) == numbers
    page.locator("#ft-l1 input").fill("3")
    expect_chosen(page)
    expect(page.locator(".ft-own-weights")).to_be_visible()
    set_number(page, "ft-steps", 25)
    page.wait_for_function("localStorage.getItem('decloss-finetune')?.includes('\"steps\": 25')", timeout=WAIT)
    with page.expect_download() as download:
        page.click("#ft-save")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    reload(page)
    steps = page.locator("#ft-steps input[type=number]")
    expect(steps).to_have_value("25", timeout=WAIT)
    unfold(page.locator("#ft-advanced > button"))
    assert weights(page) == ["3", "1", "1"]
    page.get_by_role("button", name=re.compile("^pixel loss")).click()
    set_number(page, "ft-steps", 30)

    wrong = tmp_path / "wrong.json"
    wrong.write_text(saved.read_text(encoding="utf-8").replace(": 25", ": 2500"), encoding="utf-8")
    for path in (wrong, saved):
        with page.expect_file_chooser() as chooser:
            page.click("#ft-load")
        chooser.value.set_files(path)
        if path == wrong:
            told = page.locator("[data-testid=toast-body]")
            expect(told).to_contain_text("steps must be from 1 to 2000", timeout=WAIT)
            assert steps.input_value() == "30"
    expect(steps).to_have_value("25", timeout=WAIT)
    assert weights(page) == ["3", "1", "1"]
