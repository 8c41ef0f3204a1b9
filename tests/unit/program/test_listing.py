"""The listing: every instruction on a line of its own, told as it works."""

from __future__ import annotations

import pytest
from examples import NETWORKS, compiled

from graphnet.program import attribute_text, instruction_columns


@pytest.mark.parametrize("name", list(NETWORKS))
def test_every_instruction_has_a_numbered_line(name: str) -> None:
    program = compiled(NETWORKS[name])
    text = str(program)
    assert text.startswith(f"program {program.name}\n")
    assert text.isascii()
    assert all(line == line.rstrip() for line in text.splitlines())
    for routine_name, routine in program.routines.items():
        section = text.partition(f"routine {routine_name}\n")[2].partition("\nroutine ")[0]
        numbers = [int(line[:7]) for line in section.splitlines() if line[:7].strip().isdigit()]
        assert numbers == list(range(len(routine.listing.instructions)))


def test_columns() -> None:
    listing = compiled(NETWORKS["tanh"]).routines["predict"].listing
    shown = [instruction_columns(item, listing) for item in listing.forward]
    assert shown == [
        (
            "matmul",
            "linear1/matmul <- x, linear1.weight  [transpose_a=false, transpose_b=true]",
            "float32[N, 5]",
        ),
        ("add", "linear1 (in linear1/matmul) <- linear1/matmul, linear1.bias", "float32[N, 5]"),
        ("tanh", "tanh1 (in linear1/matmul) <- linear1", "float32[N, 5]"),
        (
            "matmul",
            "linear2/matmul <- tanh1, linear2.weight  [transpose_a=false, transpose_b=true]",
            "float32[N, 2]",
        ),
        ("add", "linear2 (in linear2/matmul) <- linear2/matmul, linear2.bias", "float32[N, 2]"),
    ]


def test_accumulated_buffers_are_marked() -> None:
    listing = compiled(NETWORKS["batch_norm"]).main.listing
    shown = [instruction_columns(item, listing)[1] for item in listing.forward]
    assert "+norm1.num_batches_tracked <-" in shown


def test_attributes_are_told_in_full() -> None:
    assert attribute_text(0.1) == "0.1"
    assert attribute_text(1e-08) == "1e-08"
    assert attribute_text((0, 2)) == "[0, 2]"
    assert attribute_text(False) == "false"
    assert attribute_text("dropout:a") == "dropout:a"
