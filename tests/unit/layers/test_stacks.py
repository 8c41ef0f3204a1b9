"""Stacks of transformer layers: streams of their own, and the same as single layers one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnet

LAYER = {"nhead": 2, "dim_feedforward": 6, "dropout": 0.25}


def spec(layer: dict[str, Any], inputs: tuple[str, ...] = ("x",)) -> dict[str, Any]:
    return {
        "dtype": "float64",
        "inputs": {name: {"shape": [3, 4]} for name in inputs},
        "targets": {"y": {"shape": [3, 4]}},
        "layers": {"it": {**layer, "inputs": list(inputs)}},
        "loss": "MSELoss",
    }


@pytest.mark.parametrize(
    ("kind", "keys", "inputs", "drawn"),
    [
        ("TransformerEncoder", {"num_layers": 3}, ("x",), 3 * 4),
        ("TransformerDecoder", {"num_layers": 2}, ("x", "memory"), 2 * 6),
        (
            "Transformer",
            {"num_encoder_layers": 2, "num_decoder_layers": 2},
            ("x", "z"),
            2 * 4 + 2 * 6,
        ),
    ],
)
def test_every_dropout_draws_from_a_stream_of_its_own(
    kind: str, keys: dict[str, int], inputs: tuple[str, ...], drawn: int
) -> None:
    net = graphnet.compile(spec({"type": kind, **LAYER, **keys}, inputs))
    streams = [
        dict(one.attributes)["stream"] for one in net.program.forward if one.op == "dropout_mask"
    ]
    assert len(streams) == drawn
    assert len(set(streams)) == drawn


def test_a_stack_does_what_its_layers_do_one_after_the_other() -> None:
    layer = {"type": "TransformerEncoderLayer", **LAYER}
    stack = graphnet.compile(spec({**layer, "type": "TransformerEncoder", "num_layers": 2}))
    single = spec(layer)
    single["layers"] = {"a": layer, "b": layer}
    chain = graphnet.compile(single)
    names = {"it.layers.0": "a", "it.layers.1": "b"}
    chain.load_state_dict(
        {f"{names[name[:11]]}{name[11:]}": value for name, value in stack.state_dict().items()}
    )
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    assert np.array_equal(stack.forward({"x": x})["it"], chain.forward({"x": x})["b"])
