"""Controls that are declared once: what the page, the address, the callbacks and the API get of them."""

import math
from dataclasses import dataclass
from typing import Annotated, Any

import gradio as gr
import pytest

from decloss.ui.parts.controls import Choice, Dropdown, Number, Several, Slider, checked, declared
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.parameters import with_parameters


@dataclass(frozen=True)
class Controls:
    """One of each kind."""

    model: Annotated[str, Dropdown("SR from", name="The network")] = "bicubic"
    mu: Annotated[float, Slider("μ, share", 0.1, 1.0, 0.05, name="μ", info="Width.", section="mask")] = 0.25
    count: Annotated[int, Slider("Points", 2, 32, 1, key="k", element="points", whole=True, stepped=False)] = 8
    size: Annotated[int, Choice("P", ("4", "8"), titles=("four", "eight"), convert=int, section="mask")] = 8
    seed: Annotated[int, Number("Seed", 0, 9, 1, whole=True, linked=False)] = 0
    shown: Annotated[list[str], Several("Shown", name="the networks", most=2)] = ()  # type: ignore[assignment]


NAMES = ["bicubic", "a", "b"]
SENT: list[Any] = ["a", 0.123, 3.0, "4", 5, ["b", "a"]]


@pytest.fixture
def panel() -> Panel[Controls]:
    built = Panel(
        Controls, "t", "tab", choices={"model": NAMES, "shown": NAMES}, defaults={"model": "b", "shown": ["a"]}
    )
    with gr.Blocks():
        built.lay_out("mask")
        assert list(built.components) == ["mu", "size"]
        built.lay_out("")
    return built


def test_the_components_have_limits_choices_defaults_and_ids(panel: Panel[Controls]) -> None:
    mu = panel["mu"]
    assert (mu.minimum, mu.maximum, mu.step, mu.value, mu.label, mu.info) == (
        0.1,
        1.0,
        0.05,
        0.25,
        "μ, share",
        "Width.",
    )
    kinds = [gr.Dropdown, gr.Slider, gr.Slider, gr.Radio, gr.Number, gr.CheckboxGroup]
    assert [type(each) for each in panel.inputs] == kinds
    assert [each.value for each in panel.inputs] == ["b", 0.25, 8, "8", 0, ["a"]]
    ids = "tab-model tab-mu tab-points tab-size tab-seed tab-shown"
    assert " ".join(each.elem_id for each in panel.inputs) == ids
    assert panel["model"].choices[1] == ("a", "a") and panel["size"].choices[0] == ("four", "4")
    assert panel.shown(Controls(size=4)) == ["bicubic", 0.25, 8, "4", 0, ()]
    heard = [event.event_name for event in (*panel.changes(["mu"]), *panel.changes(without=NAMES, by_hand=True))]
    assert heard == ["change", *["input"] * 6]


def test_what_is_sent_is_read_into_named_values(panel: Panel[Controls]) -> None:
    assert panel.read(SENT) == Controls("a", 0.123, 3, 4, 5, ["a", "b"])
    assert panel.read(["c", *SENT[1:]], model=["c"]).model == "c"
    assert checked(Controls, mu=1, size="4") == Controls(mu=1.0, size=4)
    assert checked(Controls, {"model": NAMES}, model="a").model == "a"


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (0, "c", "The network must be one of: bicubic, a, b."),
        (1, 1.01, "μ must be from 0.1 to 1, got 1.01."),
        (1, math.nan, "μ must be a number from 0.1 to 1."),
        (1, True, "μ must be a number from 0.1 to 1."),
        (2, 2.5, "Points must be a whole number, got 2.5."),
        (3, 4, "P must be one of: 4, 8."),
        (4, 10, "Seed must be from 0 to 9, got 10."),
        (5, [], "Choose at least one of the networks."),
        (5, NAMES, "The number of networks must be from 1 to 2, got 3."),
    ],
)
def test_a_wrong_value_is_a_sentence_that_names_it(
    panel: Panel[Controls], place: int, value: Any, sentence: str
) -> None:
    with pytest.raises(gr.Error) as refused:
        panel.read([*SENT[:place], value, *SENT[place + 1 :]])
    assert refused.value.message == sentence


def test_the_address_has_those_that_are_linked_and_what_makes_no_sense_is_refused(panel: Panel[Controls]) -> None:
    fields = {field.key: field for field in panel.fields}
    assert list(fields) == ["t.model", "t.mu", "t.k", "t.size", "t.shown"]
    assert fields["t.mu"].component is panel["mu"] and fields["t.mu"].read("0.33") == 0.35
    assert fields["t.k"].read("3") == 3 and fields["t.size"].read("4") == "4"
    assert fields["t.model"].read("b") == "b" and fields["t.shown"].read("b~gone~a") == ["a", "b"]
    for key, text in (
        ("t.mu", "2"), ("t.mu", "nan"), ("t.k", "2.5"), ("t.size", "5"), ("t.model", "c"), ("t.shown", "gone"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r".*"):
            fields[key].read(text)


def test_the_apis_words_have_the_declared_ranges() -> None:
    @with_parameters(Controls)
    def function() -> None:
        """Mu from {mu}, P of {size}."""

    assert function.__doc__ == "Mu from 0.1 to 1, P of 4 or 8."
    assert declared(Controls)["mu"].limits == (0.1, 1.0)
