"""Instructions: sorted attributes, and what they touch."""

from __future__ import annotations

from graphnet.ir import Instruction, freeze


def test_equal_attributes_in_another_order_make_equal_instructions() -> None:
    one = Instruction("sum", ("x",), ("y",), (), freeze({"axes": (0,), "keepdims": True}), "l")
    other = Instruction("sum", ("x",), ("y",), (), freeze({"keepdims": True, "axes": (0,)}), "l")
    assert one == other
    assert hash(one) == hash(other)
    assert one.options == {"axes": (0,), "keepdims": True}


def test_what_an_instruction_touches_and_changes() -> None:
    instruction = Instruction("op", ("a", "b"), ("c", "scratch"), ("running",), (), "l")
    assert instruction.touched == ("a", "b", "c", "scratch", "running")
    assert instruction.changed == ("c", "scratch", "running")
