"""Shapes through the whole network: what is inferred, and every problem that is gathered."""

from __future__ import annotations

from typing import Any

import pytest
from examples import linear, network

from graphnet.errors import GraphError, GraphNetError, SpecErrors
from graphnet.graph import Network, build_network
from graphnet.spec import load_spec


def built(layers: dict[str, Any], **rest: Any) -> Network:
    return build_network(load_spec(network(layers, **rest)))


def refused(layers: dict[str, Any], **rest: Any) -> GraphNetError:
    with pytest.raises(GraphNetError) as caught:
        built(layers, **rest)
    return caught.value


def test_types_and_parameters() -> None:
    made = built(
        {
            "a": linear(5, inputs="x"),
            "norm": "BatchNorm1d",
            "flat": {"type": "Flatten", "inputs": "z"},
            "both": {"type": "Cat", "inputs": ["norm", "flat"]},
        },
        inputs={"x": {"shape": [3]}, "z": {"shape": [2, 4]}},
    )
    shown = {name: str(made.type_of(name)) for name in ("x", "z", *made.order)}
    assert shown == {
        "x": "float32[N, 3]",
        "z": "float32[N, 2, 4]",
        "a": "float32[N, 5]",
        "norm": "float32[N, 5]",
        "flat": "float32[N, 8]",
        "both": "float32[N, 13]",
    }
    assert {name: list(own) for name, own in made.parameters.items() if own} == {
        "a": ["weight", "bias"],
        "norm": ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"],
    }


def test_a_layer_that_does_not_fit_is_named_with_what_it_reads() -> None:
    error = refused({"a": linear(5), "b": linear(2, in_features=4)})
    assert isinstance(error, GraphError)
    assert error.code == "GN202"
    assert error.message == (
        "layer 'b' (Linear): in_features is 4, but the input [N, 5] has 5 features"
    )
    assert error.help == "write in_features: 5, or leave it out"
    assert error.notes == ("it reads a",)


def test_independent_problems_are_all_reported_and_their_consequences_are_not() -> None:
    layers = {
        "a": linear(5, in_features=9, inputs="x"),
        "after": {"type": "Tanh", "inputs": "a"},
        "b": {"type": "BatchNorm1d", "num_features": 7, "inputs": "x"},
        "c": {"type": "Softmax", "dim": 5, "inputs": "x"},
    }
    error = refused(layers)
    assert isinstance(error, SpecErrors)
    assert [problem.message.split("'")[1] for problem in error.problems] == ["a", "b", "c"]


def test_init_of_a_parameter_that_is_not_there() -> None:
    error = refused({"a": linear(5, bias=False, init={"bais": "zeros"})})
    assert (error.code, error.message) == (
        "GN203",
        "layer 'a' has no parameter 'bais' to initialize",
    )
    assert error.notes == ("parameters of a: weight",)
    error = refused({"a": linear(5, init={"wieght": "zeros"})})
    assert error.help == "did you mean 'weight'?"


def test_shared_parameters() -> None:
    made = built({"a": linear(3), "b": linear(3, share="a")})
    assert set(made.parameters) == {"a"}
    error = refused({"a": linear(5), "b": linear(5, share="a")})
    assert (error.code, error.message) == ("GN204", "layer 'b' cannot share the parameters of 'a'")
    assert error.notes == (
        "it needs weight [5, 5], bias [5]",
        "a has weight [5, 3], bias [5]",
    )


def test_layers_of_different_types_share_what_is_alike() -> None:
    words = {"words": {"shape": [3], "dtype": "int64"}}
    table = {"type": "Embedding", "num_embeddings": 7, "embedding_dim": 4}
    tied = {"table": table, "scores": linear(7, bias=False, share="table")}
    assert set(built(tied, inputs=words).parameters) == {"table"}
    error = refused({"table": table, "scores": linear(7, share="table")}, inputs=words)
    assert (error.code, error.help) == ("GN204", "write bias: false")
    assert error.notes == ("it needs weight [7, 4], bias [7]", "table has weight [7, 4]")
    error = refused({"e": "Tanh", "a": linear(5, share="e")})
    assert error.notes[1] == "e has none"


def test_layers_that_share_statistics_follow_the_spec() -> None:
    norm = {"type": "BatchNorm1d"}
    inputs = {"p": {"shape": [2]}, "q": {"shape": [2]}}
    layers = {
        "z": {**norm, "inputs": "q"},
        "y": {**norm, "inputs": "p", "share": "z"},
        "a": {**norm, "inputs": "z", "share": "z"},
        "b": {"type": "Add", "inputs": ["a", "y"]},
    }
    assert built(layers, inputs=inputs).order == ("z", "y", "a", "b")
    kept = {
        name: {**one, "track_running_stats": False} for name, one in layers.items() if name != "b"
    }
    free = built({**kept, "b": layers["b"]}, inputs=inputs).order
    assert free == ("y", "z", "a", "b"), "names decide where the order makes no difference"


def test_limits_on_rank_and_size() -> None:
    embed = {"a": {"type": "Embedding", "num_embeddings": 5, "embedding_dim": 2}}
    built(embed, inputs={"x": {"shape": [1] * 6, "dtype": "int64"}})
    error = refused(embed, inputs={"x": {"shape": [1] * 7, "dtype": "int64"}})
    assert error.code == "GN205"
    assert "'a' has 9 dimensions; at most 8 are supported" in str(error)
    built({"a": {"type": "Identity"}}, inputs={"x": {"shape": [2**20, 2**20]}})
    error = refused({"a": "Identity"}, inputs={"x": {"shape": [2**20, 2**20 + 1]}})
    assert error.code == "GN205"
    assert "'x' is [N, 1048576, 1048577]: 4097 GiB for each sample" in str(error)
    assert "GN205" in str(refused({"a": "Identity"}, inputs={"x": {"shape": [2**40, 2**40]}}))


CLASSES = {"y": {"shape": [], "dtype": "int64"}}


def test_class_targets_are_limited_by_the_scores() -> None:
    made = built({"a": linear(4)}, targets=CLASSES, loss="CrossEntropyLoss")
    assert made.limits == {"y": 4}
    declared = {"y": {"shape": [], "dtype": "int64", "classes": 4}}
    assert built({"a": linear(4)}, targets=declared, loss="CrossEntropyLoss").limits == {"y": 4}
    wrong = {"y": {"shape": [], "dtype": "int64", "classes": 5}}
    error = refused({"a": linear(4)}, targets=wrong, loss="CrossEntropyLoss")
    assert (error.code, error.message) == (
        "GN207",
        "target 'y' has 5 classes, but 'a' gives scores for 4",
    )


def test_two_losses_on_one_target_take_the_smaller_limit() -> None:
    layers = {"a": linear(4), "b": linear(3, inputs="x")}
    losses = {
        "first": {"type": "CrossEntropyLoss", "input": "a"},
        "second": {"type": "CrossEntropyLoss", "input": "b"},
    }
    assert built(layers, targets=CLASSES, loss=losses).limits == {"y": 3}


def test_looked_up_inputs_are_limited_by_the_smallest_table() -> None:
    table = {"type": "Embedding", "embedding_dim": 2, "inputs": "word"}
    layers = {"a": {**table, "num_embeddings": 9}, "b": {**table, "num_embeddings": 7}}
    layers["sum"] = {"type": "Add", "inputs": ["a", "b"]}
    made = built(layers, inputs={"word": {"shape": [3], "dtype": "int64"}})
    assert made.limits == {"word": 7}


def test_limits_reach_inputs_through_layers_that_only_move_numbers() -> None:
    layers = {
        "flat": "Flatten",
        "same": "Identity",
        "embed": {"type": "Embedding", "num_embeddings": 5, "embedding_dim": 2},
    }
    made = built(layers, inputs={"word": {"shape": [3, 2], "dtype": "int64"}})
    assert made.limits == {"word": 5}


def test_wrong_losses_are_all_reported() -> None:
    losses = {
        "first": {"type": "MSELoss", "input": "a"},
        "second": {"type": "L1Loss", "input": "b"},
    }
    error = refused({"a": linear(4), "b": linear(5)}, targets={"y": {"shape": [2]}}, loss=losses)
    assert isinstance(error, SpecErrors)
    assert [problem.code for problem in error.problems] == ["GN206", "GN206"]


def test_ten_thousand_layers_in_a_chain() -> None:
    """No stage recurses: Python's stack ends at about 1,000 calls."""
    made = built({f"t{i}": "Tanh" for i in range(10_000)})
    assert made.order[0] == "t0"
    assert made.order[-1] == "t9999"
    assert str(made.type_of("t9999")) == "float32[N, 3]"
