"""The memory picture: rectangles are the plan, and the plan is what is allocated."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from examples import NETWORKS

from graphnet.backend import NumpyExecutable
from graphnet.compiler import compile_spec
from graphnet.program import Program
from graphnet.viz import MemoryChart, MemoryMap, memory_map
from graphnet.viz.look import ROLES
from graphnet.viz.scene import Box, Words

ROOT = Path(__file__).parents[3]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
each_network = pytest.mark.parametrize("name", NETWORKS)


def program_of(name: str) -> Program:
    return compile_spec(NETWORKS[name])


def alive(shown: MemoryMap, index: int) -> int:
    return sum(r.size for r in shown.residents if r.first <= index <= r.last)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_peak_is_the_arena_that_is_allocated_to_the_byte(path: Path) -> None:
    program = compile_spec(path)
    shown = memory_map(program)
    top = max(resident.offset + resident.size for resident in shown.residents)
    memory = NumpyExecutable(program).memory
    assert top == shown.arena == memory._arena.nbytes
    assert shown.total == memory.nbytes
    assert f"arena {memory._arena.nbytes:,} bytes" in MemoryChart(shown).text()


@each_network
def test_the_peak_is_where_most_is_alive(name: str) -> None:
    shown = memory_map(program_of(name))
    sums = [alive(shown, index) for index in range(len(shown.instructions))]
    assert max(sums) == shown.lower_bound == sums[shown.peak]
    assert sum(resident.size for resident in shown.at_peak) == shown.lower_bound
    assert all(one.size >= other.size for one, other in pairwise(shown.at_peak))


@each_network
def test_rectangles_have_their_places_and_never_overlap(name: str) -> None:
    shown = memory_map(program_of(name))
    scene = MemoryChart(shown).scene()
    boxes = [shape for shape in scene.shapes if isinstance(shape, Box) and shape.about]
    assert len(boxes) == len(shown.residents)
    unit = boxes[0].height / shown.residents[0].size
    for box, resident in zip(boxes, shown.residents, strict=True):
        assert box.fill == ROLES[resident.role][0]
        assert box.height == pytest.approx(unit * resident.size)
        assert 0 <= box.x < box.x + box.width <= scene.width
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            apart = 1e-6 + min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            under = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert apart <= 1e-5 or under <= 1e-5


@each_network
def test_the_strip_chart_tells_the_same(name: str) -> None:
    shown = memory_map(program_of(name))
    text = MemoryChart(shown).text()
    strips = [line.split()[-1] for line in text.splitlines() if line.strip()[:1].isdigit()]
    strips = [strip for strip in strips if set(strip) <= set(".=#-")]
    expected = ["." * r.first + {"activation": "=", "adjoint": "#", "workspace": "-"}[r.role]
                * (r.last - r.first + 1) for r in reversed(shown.residents)]  # fmt: skip
    if len(shown.instructions) <= 96:
        assert [strip.rstrip(".") for strip in strips] == expected


def test_bars_tell_every_category_and_their_sum() -> None:
    shown = memory_map(program_of("tanh"))
    words = {shape.text for shape in MemoryChart(shown).scene().shapes if isinstance(shape, Words)}
    for category, count in shown.categories.items():
        assert count == 0 or {category, f"{count:,}"} <= words
    assert f"{shown.total:,} bytes" in words


def test_a_gantt_chart_has_a_bar_for_every_buffer() -> None:
    shown = memory_map(program_of("two_losses"))
    lines = MemoryChart(shown).mermaid().splitlines()
    bars = [line.rpartition(" :")[2] for line in lines if " :" in line and "crit" not in line]
    assert sorted(bars) == sorted(f"{r.first}, {r.last + 1}" for r in shown.residents)
    assert all(line.count(":") <= 1 for line in lines[3:]), "colons of names are written as codes"
