"""The parameter table: order, places, and the sequence in which compatibility streams draw."""

from __future__ import annotations

import math

import pytest
from examples import linear, network

from graphnet.graph import build_network
from graphnet.ir import Draw
from graphnet.lowering import parameter_table
from graphnet.spec import load_spec

LAYERS = {
    "z": linear(3),
    "b10": linear(4, inputs="x", bias=False),
    "b9": linear(2, inputs="x"),
    "all": {"type": "Cat", "inputs": ["z", "b10", "b9"]},
}


def rows_for(stream: str) -> dict[str, int]:
    plain = network(LAYERS)
    plain["training"] = {"initialization": {"stream": stream}}
    rows = parameter_table(build_network(load_spec(plain)))
    return {row.name: row.sequence for row in rows}


def test_parameters_lie_in_natural_order_of_their_layers() -> None:
    assert list(rows_for("named")) == ["b9.weight", "b9.bias", "b10.weight", "z.weight", "z.bias"]


def test_named_streams_count_in_the_order_of_computation_whatever_the_file_says() -> None:
    sequence = rows_for("named")
    assert sequence == {
        "b9.weight": 0,
        "b9.bias": 1,
        "b10.weight": 2,
        "z.weight": 3,
        "z.bias": 4,
    }


def test_a_layer_of_layers_draws_as_torch_builds_it_and_its_parameters_know_their_layer() -> None:
    plain = network(
        {"a": {"type": "MultiheadAttention", "num_heads": 2, "bias": True}},
        inputs={"x": {"shape": [3, 4]}},
        targets={"y": {"shape": [3, 4]}},
        loss="MSELoss",
    )
    rows = parameter_table(build_network(load_spec(plain)))
    assert {row.layer for row in rows} == {"a"}
    assert [row.name for row in sorted(rows, key=lambda row: row.sequence)] == [
        "a.out_proj.weight",
        "a.out_proj.bias",
        "a.in_proj_weight",
        "a.in_proj_bias",
    ]


@pytest.mark.parametrize("stream", ["torch", "numpy"])
def test_compatibility_streams_draw_in_the_order_of_the_file(stream: str) -> None:
    sequence = rows_for(stream)
    assert sorted(sequence, key=lambda name: sequence[name]) == [
        "z.weight",
        "z.bias",
        "b10.weight",
        "b9.weight",
        "b9.bias",
    ]


def test_float64_parameters_are_aligned_to_eight_elements() -> None:
    plain = network({"a": linear(3)}, dtype="float64")
    rows = parameter_table(build_network(load_spec(plain)))
    assert [(row.name, row.offset) for row in rows] == [("a.weight", 0), ("a.bias", 16)]
    assert rows[0].draw == Draw("uniform", -1.0 / math.sqrt(3), 1.0 / math.sqrt(3))
