"""What holds for every layer of the table."""

from __future__ import annotations

import pytest
from examples import NETWORKS

from graphnet.layers import LAYERS


def used_types() -> set[str]:
    return {
        given if isinstance(given, str) else given["type"]
        for plain in NETWORKS.values()
        for given in plain["layers"].values()
    }


def test_the_example_networks_use_every_layer() -> None:
    assert used_types() == set(LAYERS)


@pytest.mark.parametrize("name", list(LAYERS))
def test_arity_and_results(name: str) -> None:
    least, most = LAYERS[name].arity
    assert 1 <= least <= (most or least)
    assert len(set(LAYERS[name].results)) == len(LAYERS[name].results) >= 1
