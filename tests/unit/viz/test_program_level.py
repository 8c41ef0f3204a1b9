"""The program picture: every instruction in order, every buffer in its lane."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from examples import NETWORKS

from graphnet.compiler import compile_spec
from graphnet.ir import root_of, uses_of
from graphnet.viz import ProgramChart, lanes_of
from graphnet.viz.scene import Spot, Words

each_network = pytest.mark.parametrize("name", NETWORKS)


@each_network
@pytest.mark.parametrize("shared", [False, True])
def test_two_buffers_are_never_in_one_lane_at_once(name: str, shared: bool) -> None:
    lanes = lanes_of(compile_spec(NETWORKS[name]), shared=shared)
    found = defaultdict(list)
    for line in lanes.lines:
        found[line.lane].append(line)
    assert sorted(found) == list(range(lanes.count))
    for lines in found.values():
        lines.sort(key=lambda line: line.first)
        assert len(lines) == 1 or not any(line.lasting for line in lines)
        assert all(a.last < b.first for a, b in pairwise(lines))
        assert shared or len(lines) == 1


@each_network
def test_marks_are_what_instructions_do(name: str) -> None:
    listing = compile_spec(NETWORKS[name]).main.listing
    lanes = lanes_of(compile_spec(NETWORKS[name]))
    assert [row.instruction for row in lanes.rows] == list(listing.instructions)
    for row, item in zip(lanes.rows, listing.instructions, strict=True):
        changed = {root_of(listing.buffers, name) for name in item.changed}
        read = {root_of(listing.buffers, name) for name in item.reads}
        assert {name for name, kind in row.marks.items() if kind != "read"} == changed
        assert {name for name, kind in row.marks.items() if kind == "write"} == (
            changed - read - {root_of(listing.buffers, name) for name in item.accumulates}
        )
        assert set(row.marks) == changed | read
    assert {line.name: (line.first, line.last) for line in lanes.lines} == uses_of(listing)


@each_network
def test_the_picture_has_a_mark_for_each(name: str) -> None:
    lanes = lanes_of(compile_spec(NETWORKS[name]))
    scene = ProgramChart(lanes).scene()
    marks = [shape for shape in scene.shapes if isinstance(shape, Spot) and shape.about]
    assert len(marks) == sum(len(row.marks) for row in lanes.rows)
    assert all(0 < mark.x < scene.width and 0 < mark.y < scene.height for mark in marks)
    ops = [shape.text for shape in scene.shapes if isinstance(shape, Words)]
    for row in lanes.rows:
        assert row.instruction.op in ops


def test_the_text_has_a_letter_for_each() -> None:
    lanes = lanes_of(compile_spec(NETWORKS["residual"]))
    rows = [line for line in ProgramChart(lanes).text().splitlines() if line[:5].strip().isdigit()]
    assert len(rows) == len(lanes.rows)
    for line, row in zip(rows, lanes.rows, strict=True):
        body = line[5:].replace(row.instruction.op, "", 1)
        letters = body[: body.rindex(", ".join(row.results))]
        counts = {kind: letters.count(letter) for kind, letter in
                  (("read", "o"), ("write", "#"), ("change", "+"))}  # fmt: skip
        assert counts == {kind: list(row.marks.values()).count(kind) for kind in counts}


def test_many_lasting_buffers_of_one_role_share_a_lane() -> None:
    layers = {"first": {"type": "Linear", "out_features": 3}}
    for number in range(12):
        layers |= {f"norm{number}": "BatchNorm1d", f"tanh{number}": "Tanh"}
    spec = {**NETWORKS["tanh"], "layers": {**layers, "last": {"type": "Linear", "out_features": 2}}}
    lanes = lanes_of(compile_spec(spec), shared=True)
    joined = [line for line in lanes.lines if line.role == "statistic"]
    assert [line.shown for line in joined] == [":36 statistics"]
    changing = [row for row in lanes.rows if row.marks.get(":36 statistics") == "change"]
    assert len(changing) == 36
