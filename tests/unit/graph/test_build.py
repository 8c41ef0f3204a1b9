"""The layer DAG: nodes, edges, references, and circles."""

from __future__ import annotations

from typing import Any

import pytest
from examples import linear, network

from graphnet.errors import GraphError, GraphNetError, SpecErrors
from graphnet.graph import build_network
from graphnet.spec import load_spec


def refusal(layers: dict[str, Any]) -> GraphNetError:
    with pytest.raises(GraphNetError) as caught:
        build_network(load_spec(network(layers)))
    return caught.value


def test_nodes_and_edges() -> None:
    plain = network(
        {"a": linear(3), "sum": {"type": "Add", "inputs": ["a", "x", "a"]}},
        targets={"y": {"shape": [3]}},
        loss={"main": {"type": "MSELoss"}},
    )
    graph = build_network(load_spec(plain)).graph
    assert {name: node["kind"] for name, node in graph.nodes(data=True)} == {
        "x": "input",
        "y": "target",
        "a": "layer",
        "sum": "layer",
        "loss:main": "loss",
    }
    edges = [(a, b, data["position"]) for a, b, data in graph.edges(data=True)]
    assert sorted(edges) == [
        ("a", "sum", 0),
        ("a", "sum", 2),
        ("sum", "loss:main", 0),
        ("x", "a", 0),
        ("x", "sum", 1),
        ("y", "loss:main", 1),
    ]


def test_references_resolve_to_a_node_and_a_result() -> None:
    made = build_network(load_spec(network({"a": linear(5), "b": "Tanh"})))
    assert made.resolve("b") == ("b", 0)
    assert made.resolve("b.output") == ("b", 0)
    assert str(made.type_of("x")) == "float32[N, 3]"
    assert str(made.type_of("b.output")) == "float32[N, 5]"


def test_a_layer_that_reads_itself() -> None:
    error = refusal({"a": {"type": "Add", "inputs": ["x", "a"]}})
    assert isinstance(error, GraphError)
    assert error.code == "GN201"
    assert error.message == "layers read each other in a circle: a -> a"


def test_a_circle_is_shown_as_its_shortest_path_with_lines() -> None:
    text = """\
graphnet: 1
inputs: {x: {shape: [3]}}
layers:
  start: {type: Add, inputs: [x, last]}
  middle: Tanh
  detour: {type: Tanh, inputs: middle}
  last: {type: Add, inputs: [middle, detour]}
"""
    with pytest.raises(GraphError) as caught:
        build_network(load_spec(text))
    error = caught.value
    assert error.message == "layers read each other in a circle: last -> start -> middle -> last"
    assert error.notes == ("last on line 7, start on line 4, middle on line 5",)
    assert (error.line, error.column) == (7, 29)
    assert "let one of them read an earlier layer" in str(error)


def test_every_circle_is_reported() -> None:
    layers = {
        "a": {"type": "Add", "inputs": ["x", "b"]},
        "b": "Tanh",
        "c": {"type": "Add", "inputs": ["b", "d"]},
        "d": "Tanh",
        "e": {"type": "Add", "inputs": ["d", "e"]},
    }
    error = refusal(layers)
    assert isinstance(error, SpecErrors)
    assert sorted(problem.message.rpartition(": ")[2] for problem in error.problems) == [
        "a -> b -> a",
        "c -> d -> c",
        "e -> e",
    ]


def test_a_circle_of_a_thousand_layers_is_cut_short() -> None:
    layers = {f"t{i}": {"type": "Tanh", "inputs": f"t{(i - 1) % 1000}"} for i in range(1000)}
    error = refusal(layers)
    assert error.message.startswith("layers read each other in a circle: t0 -> t1 -> t2 -> ")
    assert error.message.endswith("-> ... -> t995 -> t996 -> t997 -> t998 -> t999 -> t0")
    assert len(error.message) < 200


def test_the_shortest_of_many_circles_in_one_knot_is_shown() -> None:
    layers: dict[str, Any] = {
        f"t{i}": {"type": "Add", "inputs": [f"t{(i - 1) % 50}", "x"]} for i in range(50)
    }
    layers["t30"] = {"type": "Add", "inputs": ["t29", "t32"]}
    error = refusal(layers)
    assert error.message.endswith(": t30 -> t31 -> t32 -> t30")
