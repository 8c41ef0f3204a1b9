"""Random hyper-parameters, shapes and types: refused with a reason when compiled, or right in every run."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from fuzz_run import compiled, run
from fuzz_specs import ROWS, Make

from graphnet.errors import GraphNetError

ROUNDS = 4


@pytest.mark.parametrize(("kind", "make"), [row[1:] for row in ROWS], ids=[row[1] for row in ROWS])
def test_random_rows(kind: str, make: Make) -> None:
    for number in range(ROUNDS):
        chance = np.random.default_rng([number, *kind.encode()])
        plain = make(kind, chance)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            net = compiled(plain)
            if isinstance(net, GraphNetError):
                assert net.code[2] in "12", (str(net), plain)
                assert net.message, plain
                continue
            for result in run(net, chance):
                assert result.size, plain
