"""Attention: which instructions there are, what causal masks hide, dropout that draws apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from emitting import layer

import graphnet


def encoder(**keys: Any) -> Any:
    plain = {
        "dtype": "float64",
        "inputs": {"x": {"shape": [5, 4]}},
        "targets": {"t": {"shape": [5, 4]}},
        "layers": {
            "it": {"type": "TransformerEncoderLayer", "nhead": 2, "dim_feedforward": 6, **keys}
        },
        "loss": "MSELoss",
        "training": {"batch_size": 3},
    }
    return graphnet.compile(plain)


def test_a_causal_layer_knows_nothing_of_what_comes() -> None:
    net = encoder(is_causal=True)
    x = np.random.default_rng(0).standard_normal((3, 5, 4))
    changed = x.copy()
    changed[:, 3:] += 1.0
    before, after = (net.forward({"x": value})["it"] for value in (x, changed))
    assert np.array_equal(before[:, :3], after[:, :3])
    assert not np.allclose(before[:, 3:], after[:, 3:])


def test_causal_masks_and_positions_are_computed_when_bound() -> None:
    net = encoder(is_causal=True)
    listing = net.program.routines["train"].listing
    assert [i.op for i in listing.setup].count("causal_mask") == 1
    assert "causal_mask" not in [i.op for i in listing.forward]


def test_every_dropout_draws_from_a_stream_of_its_own() -> None:
    listing = encoder(dropout=0.5).program.routines["train"].listing
    streams = [i.options["stream"] for i in listing.forward if i.op == "dropout_mask"]
    assert sorted(streams) == [
        "dropout1:it",
        "dropout2:it",
        "dropout:it",
        "self_attn:it",
    ]


def test_weights_that_nobody_reads_cost_nothing() -> None:
    listing = encoder(dropout=0.0).program.routines["train"].listing
    assert "mean" not in [i.op for i in listing.forward if i.layer == "it"]


def test_one_product_projects_what_is_read_alike() -> None:
    def products(*shapes: tuple[int, ...]) -> int:
        return layer("MultiheadAttention", *shapes, num_heads=2).ops.count("matmul")

    # The last projection and the two products of attention come on top.
    assert products((3, 4)) == 1 + 3
    assert products((3, 4), (5, 4)) == 2 + 3
    assert products((3, 4), (5, 4), (5, 4)) == 3 + 3
