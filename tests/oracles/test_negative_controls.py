"""The gradient check of `test_gradients` refuses every wrong adjoint rule."""

from __future__ import annotations

import pytest
from cases import CASES
from closeness import Difference
from controls import CONTROLS
from gradcheck import check_gradients
from wrong_rules import Control

from graphnet.errors import InternalError
from graphnet.ops import OPS, OpError

LABELS = [f"{control.op}-{control.role}-{control.mistake}" for control in CONTROLS]


def test_there_are_enough_and_of_every_rule() -> None:
    assert len({(control.op, control.role, control.mistake) for control in CONTROLS}) >= 36
    rules = {(name, role) for name, op in OPS.items() for role in op.adjoint or {}}
    assert {(control.op, control.role) for control in CONTROLS} == rules


@pytest.mark.parametrize("control", CONTROLS, ids=LABELS)
def test_wrong_rule_is_refused(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    table = control.table()
    monkeypatch.setattr("graphnet.lowering.backward.OPS", table)
    found = []
    for case in CASES[control.op].cases:
        if not case.smooth:
            continue
        try:
            check_gradients(control.op, case, table)
        except Difference as difference:
            found.append(str(difference))
            break
        except (OpError, InternalError):
            # Here the mistake does not even fit the shapes; another case must show it in numbers.
            continue
    assert found, "the wrong rule passed"
