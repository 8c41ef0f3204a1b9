"""Overlays: every layer tells its number, and darker means more."""

from __future__ import annotations

from itertools import pairwise

import pytest

from graphnet.graph import build_network
from graphnet.spec import load_spec
from graphnet.viz import (
    Drawing,
    Overlay,
    dot_text,
    draw_layers,
    fold,
    mermaid_text,
    plain_text,
    with_overlay,
)
from graphnet.viz.look import LOOKS, heated

NET = {
    "inputs": {"x": {"shape": [3]}},
    "targets": {"y": {"shape": [2]}},
    "layers": {
        "a": {"type": "Linear", "out_features": 5},
        "b": "Tanh",
        "c": {"type": "Linear", "out_features": 2},
    },
    "loss": "MSELoss",
}


def drawn() -> Drawing:
    return draw_layers(build_network(load_spec(NET)))


def plain(value: float) -> str:
    return f"{value:g} units"


def heats(drawing: Drawing) -> dict[str, float | None]:
    return {node.id: node.heat for node in drawing.nodes}


def test_parts_of_a_whole_tell_their_share() -> None:
    overlay = Overlay(
        "units", {"a": 6.0, "b": 1.0, "c": 2.0, "loss:loss": 0.0}, plain, rest={"optimizer": 1.0}
    )
    shown = with_overlay(drawn(), overlay)
    lines = {node.id: node.lines[-1] for node in shown.nodes}
    assert lines["a"] == "6 units, 60.0%"
    assert lines["c"] == "2 units, 20.0%"
    assert lines["loss:loss"] == "0 units, 0.0%"
    assert lines["x"] == "[N, 3]"
    assert shown.remarks == ("units", "optimizer: 1 units, 10.0%")
    found = heats(shown)
    assert (found["a"], found["loss:loss"], found["x"]) == (1.0, 0.0, None)
    assert [line.text for line in shown.legend][-2:] == ["least 0 units", "most 6 units"]


def test_far_apart_values_follow_the_logarithm() -> None:
    values = {"a": 1.0, "b": 100.0, "c": 10_000.0}
    found = heats(with_overlay(drawn(), Overlay("norm", values, plain, max, shares=False)))
    assert [found[name] for name in "abc"] == [0.0, 0.5, 1.0]
    assert found["loss:loss"] is None


@pytest.mark.parametrize("values", [{}, {"a": 0.0}, {"a": 3.0, "b": 3.0}, {"elsewhere": 1.0}])
def test_nothing_to_compare_is_no_error(values: dict[str, float]) -> None:
    shown = with_overlay(drawn(), Overlay("units", values, plain))
    for text in (dot_text(shown), mermaid_text(shown), plain_text(shown)):
        assert "units" in text


def test_folded_layers_tell_their_sum() -> None:
    layers = {f"t{number}": "Tanh" for number in range(6)}
    drawing = fold(
        draw_layers(build_network(load_spec({"inputs": NET["inputs"], "layers": layers})))
    )
    overlay = Overlay("units", dict.fromkeys(layers, 2.0), plain)
    (node,) = [node for node in with_overlay(drawing, overlay).nodes if node.kind == "function"]
    assert node.lines[-1] == "12 units, 100.0% in 6 layers"


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


def test_more_is_darker_all_the_way_and_letters_stay_readable() -> None:
    steps = [heated(LOOKS["layer"], number / 20) for number in range(21)]
    light = [luminance(look.fill) for look in steps]
    assert all(one > other for one, other in pairwise(light))
    for look in steps:
        pair = sorted((luminance(look.fill), luminance(look.text)))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, "the contrast WCAG asks of text"


def test_every_format_shows_the_colours_or_the_numbers() -> None:
    shown = with_overlay(drawn(), Overlay("units", {"a": 6.0, "b": 1.0}, plain))
    assert f'fillcolor="{heated(LOOKS["layer"], 1.0).fill}"' in dot_text(shown)
    assert f"fill:{heated(LOOKS['layer'], 1.0).fill}" in mermaid_text(shown)
    assert "6 units, 85.7%" in plain_text(shown)
