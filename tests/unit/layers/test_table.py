"""The layer table: what every type says of its inputs."""

from __future__ import annotations

import pytest

from graphnet.layers import LAYERS


@pytest.mark.parametrize("name", list(LAYERS))
def test_arity(name: str) -> None:
    least, most = LAYERS[name].arity
    assert least >= 0
    assert most is None or most >= least
