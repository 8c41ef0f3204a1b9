"""Initializers: the numbers of their distributions, by torch's formulas."""

from __future__ import annotations

import math
from typing import Any

import pytest
from examples import compiled, linear, network, started

from graphnet.declare import KindError
from graphnet.initializers import INITIALIZERS, Fans, fans_of
from graphnet.initializers.scaled import calculate_gain
from graphnet.ir import Draw

FANS = Fans(12, 20)
WIDER = math.sqrt(1 / 12) / 0.8796256610342398
TWELFTH = Draw("truncated", 0.0, WIDER, -2 * WIDER, 2 * WIDER)
"""Variance 1 / fan_in, cut at two of its deviations."""

DRAWS: list[tuple[str, dict[str, Any], Draw]] = [
    ("zeros", {}, Draw("constant", 0.0)),
    ("ones", {}, Draw("constant", 1.0)),
    ("constant", {"val": 0.3}, Draw("constant", 0.3)),
    ("uniform", {}, Draw("uniform", 0.0, 1.0)),
    ("uniform", {"a": -2.0, "b": 3.0}, Draw("uniform", -2.0, 3.0)),
    ("normal", {}, Draw("normal", 0.0, 1.0)),
    ("normal", {"mean": 1.0, "std": 0.0}, Draw("normal", 1.0, 0.0)),
    ("kaiming_uniform", {}, Draw("uniform", -math.sqrt(6 / 12), math.sqrt(6 / 12))),
    ("kaiming_uniform", {"a": math.sqrt(5)}, Draw("uniform", -1 / math.sqrt(12), 1 / math.sqrt(12))),
    ("kaiming_uniform", {"mode": "fan_out"}, Draw("uniform", -math.sqrt(6 / 20), math.sqrt(6 / 20))),
    ("kaiming_normal", {"nonlinearity": "relu"}, Draw("normal", 0.0, math.sqrt(2 / 12))),
    ("kaiming_normal", {"nonlinearity": "tanh"}, Draw("normal", 0.0, 5 / 3 / math.sqrt(12))),
    ("xavier_uniform", {}, Draw("uniform", -math.sqrt(6 / 32), math.sqrt(6 / 32))),
    ("xavier_normal", {"gain": 3.0}, Draw("normal", 0.0, 3 * math.sqrt(2 / 32))),
    ("trunc_normal", {}, Draw("truncated", 0.0, 1.0, -2.0, 2.0)),
    ("trunc_normal", {"mean": 1, "std": 3, "a": 0, "b": 9}, Draw("truncated", 1.0, 3.0, 0.0, 9.0)),
    ("lecun_uniform", {}, Draw("uniform", -0.5, 0.5)),
    ("lecun_normal", {}, TWELFTH),
    ("variance_scaling", {}, TWELFTH),
    ("variance_scaling", {"scale": 2.0, "mode": "fan_avg", "distribution": "uniform"},
     Draw("uniform", -math.sqrt(6 / 16), math.sqrt(6 / 16))),
    ("variance_scaling", {"mode": "fan_out", "distribution": "untruncated_normal"},
     Draw("normal", 0.0, math.sqrt(1 / 20))),
    ("orthogonal", {"gain": 2.0}, Draw("orthogonal", 2.0)),
    ("sparse", {"sparsity": 0.3}, Draw("sparse", 0.3, 0.01)),
    ("eye", {}, Draw("eye")),
    ("dirac", {"groups": 2}, Draw("dirac", 2.0)),
    ("bilinear", {}, Draw("bilinear")),
    ("from_file", {"path": "w.npz", "array": "w"}, Draw("file", source="w.npz", entry="w")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "settings", "expected"), DRAWS)
def test_draws(name: str, settings: dict[str, Any], expected: Draw) -> None:
    draw = INITIALIZERS[name].from_plain(settings).draw(FANS)
    assert (draw.kind, draw.source, draw.entry) == (expected.kind, expected.source, expected.entry)
    found, wanted = ((one.a, one.b, one.c, one.d) for one in (draw, expected))
    assert found == pytest.approx(wanted, rel=1e-15)


def test_every_initializer_has_a_row() -> None:
    assert {row[0] for row in DRAWS} == set(INITIALIZERS)


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((), (1, 1)), ((7,), (7, 7)), ((5, 3), (3, 5)), ((16, 3, 5, 5), (75, 400))],
)
def test_fans(shape: tuple[int, ...], fans: tuple[int, int]) -> None:
    assert fans_of(shape) == Fans(*fans)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("constant", {}),
        ("normal", {"std": -1.0}),
        ("kaiming_uniform", {"mode": "fan"}),
        ("kaiming_normal", {"nonlinearity": "gelu"}),
        ("xavier_uniform", {"gain": 0.0}),
        ("zeros", {"val": 1.0}),
        ("trunc_normal", {"a": 1.0, "b": 1.0}),
        ("trunc_normal", {"std": 0.0}),
        ("sparse", {}),
        ("sparse", {"sparsity": 1.5}),
        ("dirac", {"groups": 0}),
        ("variance_scaling", {"scale": 0}),
        ("variance_scaling", {"mode": "fan"}),
        ("from_file", {}),
    ],
)
def test_wrong_settings_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(KindError):
        INITIALIZERS[name].from_plain(settings)


def test_a_spec_chooses_them_per_parameter() -> None:
    init = {"weight": {"type": "kaiming_normal", "nonlinearity": "relu"}, "bias": "ones"}
    layers = {"linear1": linear(5, init=init), "linear2": linear(5, inputs="x")}
    program = compiled(network(layers, outputs=["linear1", "linear2"]))
    draws = {row.name: row.draw for row in program.parameters}
    assert draws["linear1.weight"] == Draw("normal", 0.0, math.sqrt(2.0) / math.sqrt(3))
    assert draws["linear1.bias"] == Draw("constant", 1.0)
    assert draws["linear2.bias"] == Draw("uniform", -1 / math.sqrt(3), 1 / math.sqrt(3))
    executable = started(program)
    assert executable.parameters["linear1.bias"].tolist() == [1.0] * 5


@pytest.mark.oracle
@pytest.mark.parametrize(
    "nonlinearity", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
)
def test_torchs_gains(nonlinearity: str) -> None:
    torch = pytest.importorskip("torch")
    for slope in (0.0, 0.01, math.sqrt(5)):
        theirs = torch.nn.init.calculate_gain(nonlinearity, slope)
        assert calculate_gain(nonlinearity, slope) == pytest.approx(theirs, rel=1e-15)
