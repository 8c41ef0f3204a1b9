"""Instruction lists as short lines of text, for tests that compare whole lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphnet.graph import build_network
from graphnet.ir import Instruction, InstructionList
from graphnet.lowering import lower_evaluate, lower_predict, lower_train, parameter_table
from graphnet.spec import load_spec

LOWERINGS = {"train": lower_train, "evaluate": lower_evaluate, "predict": lower_predict}


def lowered(plain: dict[str, Any], routine: str = "train", **options: Any) -> InstructionList:
    """Return a routine's list as it comes from lowering, before any pass."""
    made = build_network(load_spec(plain))
    return LOWERINGS[routine](made, parameter_table(made), **options)


def line(item: Instruction) -> str:
    """Return `result = op(operands)`, without scratch and attributes; `+x` is what accumulates."""
    changed = [*item.writes[:1], *(f"+{name}" for name in item.accumulates)]
    return f"{' '.join(changed)} = {item.op}({', '.join(item.reads)})"


def lines(items: Iterable[Instruction]) -> list[str]:
    return [line(item) for item in items]


def ops(items: Iterable[Instruction]) -> list[str]:
    return [item.op for item in items]
