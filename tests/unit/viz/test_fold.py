"""Folding: what repeats is drawn once, what differs is not, and nothing is lost from the counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from graphnet.graph import build_network
from graphnet.spec import load_spec
from graphnet.viz import Drawing, draw_layers, fold, fold_if_large
from graphnet.viz.frames import Frame, framed

BLOCK = {
    "inputs": ["x"],
    "parameters": {"width": None},
    "layers": {
        "linear": {"type": "Linear", "inputs": "x", "out_features": "${width}"},
        "relu": "ReLU",
        "back": {"type": "Linear", "out_features": 6},
        "sum": {"type": "Add", "inputs": ["back", "x"]},
    },
    "outputs": ["sum"],
}


def drawn(layers: Mapping[str, Any], **rest: Any) -> Drawing:
    spec = {
        "inputs": {"x": {"shape": [6]}},
        "blocks": {"residual": BLOCK},
        "layers": layers,
        **rest,
    }
    return draw_layers(build_network(load_spec(spec)))


def block(width: int, repeat: int, **more: Any) -> dict[str, Any]:
    return {"block": "residual", "width": width, "repeat": repeat, **more}


def frames(drawing: Drawing) -> list[str]:
    found, pending = [], [framed(drawing.nodes)]
    while pending:
        frame = pending.pop()
        inner = [member for member in frame.members if isinstance(member, Frame)]
        pending += inner
        found += [member.label for member in inner]
    return sorted(found)


def layers_of(drawing: Drawing) -> list[str]:
    return [node.id for node in drawing.nodes if node.kind in ("layer", "function")]


def test_copies_of_a_block_become_one() -> None:
    folded = fold(drawn({"stage": block(4, 3), "head": {"type": "Linear", "out_features": 2}}))
    names = [f"stage.0.{name}" for name in ("linear", "relu", "back", "sum")]
    assert layers_of(folded) == [*names, "head"]
    assert frames(folded) == ["stage", "stage.0-2 (\N{MULTIPLICATION SIGN}3)"]
    assert folded.nodes[1].also == ("stage.1.linear", "stage.2.linear")
    arrows = {(edge.source, edge.target) for edge in folded.edges}
    assert arrows == {
        ("x", "stage.0.linear"),
        ("x", "stage.0.sum"),
        ("stage.0.linear", "stage.0.relu"),
        ("stage.0.relu", "stage.0.back"),
        ("stage.0.back", "stage.0.sum"),
        ("stage.0.sum", "head"),
        ("head", "output:head"),
    }


def test_blocks_that_differ_stay_apart() -> None:
    folded = fold(drawn({"wide": block(9, 2), "narrow": block(4, 2), "once": block(4, 1)}))
    twice = "0-1 (\N{MULTIPLICATION SIGN}2)"
    expected = ["narrow", f"narrow.{twice}", "once", "once.0", "wide", f"wide.{twice}"]
    assert frames(folded) == expected


def test_a_first_copy_that_differs_is_drawn_apart() -> None:
    spec = {"stage": {"block": "growing", "repeat": 4}}
    growing = {
        "inputs": ["x"],
        "layers": {"linear": {"type": "Linear", "inputs": "x", "out_features": 8}, "tanh": "Tanh"},
        "outputs": ["tanh"],
    }
    folded = fold(drawn(spec, blocks={"growing": growing}))
    assert layers_of(folded) == ["stage.0.linear", "stage.0.tanh", "stage.1.linear", "stage.1.tanh"]
    assert "stage.1-3 (\N{MULTIPLICATION SIGN}3)" in frames(folded)


def test_layers_outside_blocks_are_folded_where_it_pays() -> None:
    chain: dict[str, Any] = {}
    for number in range(40):
        chain |= {f"linear{number}": {"type": "Linear", "out_features": 6}, f"relu{number}": "ReLU"}
    folded = fold(drawn(chain))
    assert layers_of(folded) == ["linear0", "relu0"]
    assert frames(folded) == ["linear0 to relu39 (\N{MULTIPLICATION SIGN}40)"]
    short = drawn({"a": "Tanh", "b": "Tanh", "c": "ReLU"})
    assert fold(short) is short


def test_repeats_inside_repeats_are_folded() -> None:
    inner = {"inputs": ["x"], "layers": {"r": {"block": "residual", "width": 4, "repeat": 3, "inputs": "x"},
             "act": "Tanh"}, "outputs": ["act"]}  # fmt: skip
    folded = fold(
        drawn(
            {"outer": {"block": "inner", "repeat": 5}}, blocks={"residual": BLOCK, "inner": inner}
        )
    )
    assert len(layers_of(folded)) == 5
    assert any(label.endswith("r.0-2 (\N{MULTIPLICATION SIGN}3)") for label in frames(folded))
    assert len(folded.nodes[1].also) == 14


def test_what_all_copies_read_from_outside_is_one_arrow() -> None:
    reading = {
        "inputs": ["x", "memory"],
        "layers": {
            "linear": {"type": "Linear", "inputs": "x", "out_features": 6},
            "sum": {"type": "Add", "inputs": ["linear", "memory"]},
        },
        "outputs": ["sum"],
    }
    layers = {
        "memory": "Tanh",
        **{"stage": {"block": "reading", "inputs": ["memory", "memory"], "repeat": 1}},
    }
    once = drawn(layers, blocks={"reading": reading})
    assert fold(once) is once


@pytest.mark.parametrize(("wanted", "count"), [(None, 7), (True, 3), (False, 7)])
def test_folding_is_left_to_the_user_where_a_picture_is_small(
    wanted: bool | None, count: int
) -> None:
    small = drawn({f"t{number}": "Tanh" for number in range(5)})
    folded, messages = fold_if_large(small, wanted)
    assert len(folded.nodes) == count
    assert len(messages) == (1 if wanted else 0)


def test_large_pictures_are_folded_unless_told_otherwise() -> None:
    large = drawn({f"t{number}": "Tanh" for number in range(400)})
    folded, (message,) = fold_if_large(large, None)
    assert len(folded.nodes) == 3
    assert message == "402 boxes were folded to 3; --no-fold draws them all"
    assert fold_if_large(large, False) == (large, [])
    mixed = drawn({f"t{number}": "Tanh" if number % 7 % 2 else "ReLU" for number in range(3)})
    assert fold_if_large(mixed, True) == (mixed, ["nothing repeats, so nothing was folded"])
