"""The gradient check users have: right networks pass it, and a wrong adjoint does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from examples import NETWORKS, TRAINED

from graphnet.api import check_gradients
from graphnet.errors import UsageError
from graphnet.lowering import backward
from graphnet.ops import OPS, Op


@pytest.mark.parametrize("name", TRAINED)
def test_every_example_network_passes(name: str) -> None:
    rows = check_gradients(NETWORKS[name])
    assert rows
    for row in rows:
        assert row["ok"], row
        assert row["error"] <= 1e-6
        assert 0 < row["checked"] <= row["size"]


def test_frozen_and_shared_parameters() -> None:
    assert [row["parameter"] for row in check_gradients(NETWORKS["shared"])] == [
        "linear1.weight",
        "linear1.bias",
        "linear3.weight",
        "linear3.bias",
    ]


def wrong_table() -> Mapping[str, Op]:
    rule = {"x": lambda c: c.emit("sigmoid_gradient", c.g, c["y"])}
    return MappingProxyType({**OPS, "tanh": replace(OPS["tanh"], adjoint=rule)})


def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backward, "OPS", wrong_table())
    found = {row["parameter"]: row["ok"] for row in check_gradients(NETWORKS["tanh"])}
    assert found == {
        "linear1.weight": False,
        "linear1.bias": False,
        "linear2.weight": True,
        "linear2.bias": True,
    }


def test_without_a_loss_there_is_nothing_to_check() -> None:
    with pytest.raises(UsageError) as caught:
        check_gradients(NETWORKS["no_loss"])
    assert caught.value.code == "GN718"
