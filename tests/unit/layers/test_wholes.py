"""New layers in whole networks: results by name, parameters without inputs, sharing and freezing."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphnet

Plain = dict[str, Any]


def compiled(layers: Plain, inputs: Plain, outputs: list[str], **more: Any) -> Any:
    plain = {
        "dtype": "float64",
        "inputs": {name: {"shape": shape} for name, shape in inputs.items()},
        "layers": layers,
        "outputs": outputs,
        **more,
    }
    return graphnet.compile(plain, batch_size=4)


def test_pieces_are_read_by_their_number() -> None:
    net = compiled(
        {
            "cut": {"type": "Split", "sizes": [1, 2, 2]},
            "pair": {"type": "Chunk", "chunks": 2, "inputs": "cut.2"},
            "sum": {"type": "Add", "inputs": ["cut.0", "pair", "pair.1"]},
            "same": {"type": "Identity", "inputs": "cut"},
        },
        {"x": [5]},
        ["sum", "same", "cut.1"],
    )
    x = np.arange(10.0).reshape(2, 5)
    made = net.forward({"x": x})
    np.testing.assert_array_equal(made["sum"], x[:, :1] + x[:, 3:4] + x[:, 4:])
    np.testing.assert_array_equal(made["same"], x[:, :1])
    np.testing.assert_array_equal(made["cut.1"], x[:, 1:3])


LEARNED: Plain = {
    "bias": {
        "type": "Parameter",
        "shape": [3],
        "init": {"value": {"type": "constant", "val": 2.0}},
    },
    "again": {"type": "Parameter", "shape": [3], "share": "bias"},
    "fixed": {"type": "Parameter", "shape": [3], "trainable": False},
    "one": {"type": "Constant", "shape": [3], "value": [1.0, 2.0, 3.0]},
    "slope": {"type": "PReLU", "inputs": "x"},
    "slope2": {"type": "PReLU", "inputs": "bias", "share": "slope"},
    "map": {"type": "Bilinear", "inputs": ["x", "slope"], "out_features": 3},
    "map2": {"type": "Bilinear", "inputs": ["slope", "x"], "out_features": 3, "share": "map"},
    "sum": {
        "type": "Add",
        "inputs": ["bias", "again", "fixed", "one", "slope", "slope2", "map", "map2"],
    },
}


def test_values_without_inputs_are_learned_shared_and_frozen() -> None:
    net = compiled(
        LEARNED,
        {"x": [3]},
        ["sum"],
        targets={"t": {"shape": [3]}},
        loss={"type": "MSELoss", "reduction": "sum"},
    )
    assert set(net.parameters) == {
        "bias.value",
        "fixed.value",
        "slope.weight",
        "map.weight",
        "map.bias",
    }
    assert net.parameters["bias.value"].tolist() == [2.0, 2.0, 2.0]
    net.parameters["map.weight"][...] = 0.0
    net.parameters["map.bias"][...] = 0.5
    x = np.abs(np.random.default_rng(0).standard_normal((4, 3)))
    made = net.forward({"x": x})["sum"]
    expected = 2.0 + 2.0 + 0.0 + np.array([1.0, 2.0, 3.0]) + x + 2.0 + 0.5 + 0.5
    np.testing.assert_allclose(made, expected, rtol=1e-15)
    _, gradients = net.loss_and_gradients({"x": x}, {"t": np.zeros((4, 3))})
    # It is read three times: by `again` too, and by `slope2`, which passes positive numbers on.
    np.testing.assert_allclose(gradients["bias.value"], 3 * (2 * made).sum(0), rtol=1e-14)
    np.testing.assert_allclose(gradients["map.bias"], 2 * (2 * made).sum(0), rtol=1e-14)
    assert "fixed.value" not in gradients
    assert gradients["slope.weight"].tolist() == [0.0]


def test_nothing_flows_back_through_what_is_held() -> None:
    net = compiled(
        {
            "w": {"type": "Parameter", "shape": [2]},
            "held": {"type": "StopGradient", "inputs": "w"},
            "above": {"type": "Greater", "inputs": "w", "value": -1.0},
            "chosen": {"type": "Where", "inputs": ["above", "x", "held"]},
        },
        {"x": [2]},
        ["chosen"],
        targets={"t": {"shape": [2]}},
        loss="MSELoss",
    )
    _, gradients = net.loss_and_gradients({"x": np.ones((1, 2))}, {"t": np.zeros((1, 2))})
    assert gradients["w.value"].tolist() == [0.0, 0.0]
