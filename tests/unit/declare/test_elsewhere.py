"""Names of other libraries lead to what there is here."""

from __future__ import annotations

import re

import pytest

import graphnet
from graphnet.declare import setting_elsewhere, type_elsewhere
from graphnet.declare.elsewhere import SETTINGS, TYPES
from graphnet.errors import GraphNetError
from graphnet.layers import LAYERS
from graphnet.losses import LOSSES
from graphnet.spec.parse_layer import COMMON_KEYS

ROWS = {**LAYERS, **LOSSES}
NAMED = re.compile(r"[A-Z][A-Za-z]*(?:Loss|Norm|Pool|Pad|Conv|Transpose|Dropout)\w*|(?<=')\w+(?=')")


@pytest.mark.parametrize("name", TYPES)
def test_what_is_offered_is_there(name: str) -> None:
    assert name == name.lower()
    assert name not in {row.lower() for row in ROWS}, "it is here under its own name"
    told = type_elsewhere(name)
    assert told
    for found in NAMED.findall(told):
        assert found in ROWS, told


@pytest.mark.parametrize("name", ["Linear", "Conv2d", "MSELoss", "Nonsense"])
def test_nothing_is_said_of_others(name: str) -> None:
    assert type_elsewhere(name) == ""


def test_settings_that_are_offered_are_of_the_entry() -> None:
    assert setting_elsewhere("filters", ["kernel_size"]) == ""
    assert setting_elsewhere("filters", ["out_channels"]) == "did you mean 'out_channels'?"
    assert not set(SETTINGS) & set(COMMON_KEYS)


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ({"type": "Dense"}, "did you mean 'Linear'?"),
        ({"type": "swish"}, "did you mean 'SiLU'?"),
        ({"type": "LazyLinear"}, "did you mean 'Linear'? Sizes of inputs are inferred"),
        ({"type": "MSELoss"}, "MSELoss belongs under 'loss'"),
        ({"type": "relu"}, "did you mean 'ReLU'?"),
        (
            {"type": "LSTM", "hidden_size": 2, "batch_first": True},
            "leave it out: sequences are always batch-first",
        ),
        ({"type": "Softmax", "axis": 1}, "did you mean 'dim'?"),
        ({"type": "Dropout", "rate": 0.5}, "did you mean 'p'?"),
    ],
)
def test_help_for_names_of_others(layer: dict[str, object], told: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile({"inputs": {"x": {"shape": [2, 3]}}, "layers": {"l": layer}})
    assert caught.value.help == told


def test_a_long_table_is_counted() -> None:
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile({"inputs": {"x": {"shape": [3]}}, "layers": {"l": "Nonsense"}})
    assert caught.value.notes[0] == (
        f"there are {len(LAYERS)} layer types; graphnet list layers shows them"
    )
