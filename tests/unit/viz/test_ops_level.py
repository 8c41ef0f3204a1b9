"""The picture of ops: every instruction with its layer, forward beside backward, and true arrows."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples import NETWORKS

from graphnet.compiler import compile_network
from graphnet.graph import build_network
from graphnet.ir import REUSED
from graphnet.program import Program
from graphnet.spec import load_spec
from graphnet.viz import OpsChart, picture_of
from graphnet.viz.scene import Box, Words

each_network = pytest.mark.parametrize("name", NETWORKS)


def chart_of(name: str) -> tuple[OpsChart, Program]:
    network = build_network(load_spec(NETWORKS[name]))
    program = compile_network(network)
    chart = picture_of("ops", network, lambda: program)
    assert isinstance(chart, OpsChart)
    return chart, program


@each_network
def test_every_instruction_is_there_once_with_its_layer(name: str) -> None:
    chart, program = chart_of(name)
    steps, items = chart.steps, program.main.listing.instructions
    told = {
        step.index: (band.layer, phase)
        for band in steps.bands
        for phase in ("forward", "backward")
        for step in getattr(band, phase)
    }
    first = steps.setup
    count = len(program.forward) + len(program.backward)
    assert sorted(told) == list(range(first, first + count))
    for index, (layer, phase) in told.items():
        assert items[index].layer == layer
        assert (phase == "forward") == (index < first + len(program.forward))
    assert [step.index for step in steps.update] == list(range(first + count, len(items)))


def test_parameters_are_named_through_the_shapes_they_are_read_in() -> None:
    """A convolution's bias is read as (channels, 1, 1, 1), and its gradient summed in another shape."""
    path = Path(__file__).parents[3] / "specs" / "digits.yaml"
    network = build_network(load_spec(path))
    chart = picture_of("ops", network, lambda: compile_network(network))
    assert isinstance(chart, OpsChart)
    (band,) = (band for band in chart.steps.bands if band.layer == "conv1")
    assert [(step.op, step.lasting) for step in band.forward][1:] == [
        ("conv", ("conv1.weight",)),
        ("add", ("conv1.bias",)),
    ]
    assert [(step.op, step.lasting) for step in band.backward] == [
        ("vecmat", ("d:conv1.bias",)),
        ("conv_weight_gradient", ("d:conv1.weight",)),
    ]
    told = {shape.text for shape in chart.scene().shapes if isinstance(shape, Words)}
    assert "conv_weight_gradient" in told
    assert not any("\N{HORIZONTAL ELLIPSIS}" in text for text in told)


@each_network
def test_arrows_are_the_values_that_flow(name: str) -> None:
    """The last instruction that wrote a value before it is read, found by looking back each time."""
    chart, program = chart_of(name)
    listing = program.main.listing
    buffers, items = listing.buffers, listing.instructions
    expected = set()
    for index, item in enumerate(items):
        for read in set(item.reads):
            name_, source = read, None
            while source is None:
                if buffers[name_].role in REUSED:
                    before = [at for at in range(index) if name_ in items[at].writes]
                    source = before[-1] if before else None
                view = buffers[name_].view
                if source is not None or view is None:
                    break
                name_ = view.base
            if source is not None and source >= chart.steps.setup <= index:
                expected.add((source, index, read))
    assert {(flow.source, flow.target, flow.name) for flow in chart.steps.flows} == expected
    for flow in chart.steps.flows:
        crosses = flow.source < chart.steps.setup + len(program.forward) <= flow.target
        assert (flow.kind == "kept") == crosses or flow.kind == "update"


@each_network
def test_forward_runs_down_on_the_left_and_backward_up_on_the_right(name: str) -> None:
    chart, program = chart_of(name)
    boxes = {
        int(shape.about.partition(":")[0]): shape
        for shape in chart.scene().shapes
        if isinstance(shape, Box) and shape.about
    }
    first, middle = chart.steps.setup, chart.steps.setup + len(program.forward)
    last = middle + len(program.backward)
    # Layers that no other layer waits for may stand apart from their place in the order of the list.
    if name not in ("residual", "two_losses", "words"):
        assert all(boxes[n].y < boxes[n + 1].y for n in range(first, middle - 1))
    for band in chart.steps.bands:
        for one, other in zip(band.backward, band.backward[1:], strict=False):
            assert boxes[one.index].y > boxes[other.index].y
    left = {boxes[n].x for n in range(first, middle)}
    right = {boxes[n].x for n in range(middle, last)}
    assert len(left) <= 1
    assert not right or max(left) < min(right)
    spots = [(box.x, box.y) for box in boxes.values()]
    assert len(spots) == len(set(spots)), "no box hides another"


@each_network
def test_texts_name_every_instruction(name: str) -> None:
    chart, program = chart_of(name)
    text, mermaid = chart.text(), chart.mermaid()
    for index, item in enumerate(program.main.listing.instructions):
        if index >= chart.steps.setup:
            assert f"{index:>4}  {item.op} -> {item.changed[0]} " in text
            assert f'"{index} {item.op}<br/>' in mermaid
    arrows = [line for line in mermaid.splitlines() if "-->" in line]
    assert len(arrows) == len(chart.steps.flows)


def test_a_network_without_loss_is_drawn_too() -> None:
    network = build_network(
        load_spec({"inputs": {"x": {"shape": [2]}}, "layers": {"tanh1": "Tanh"}})
    )
    for level in ("ops", "program", "memory"):
        chart = picture_of(level, network, lambda: compile_network(network))
        assert chart is not None
        assert chart.text()  # type: ignore[union-attr]
        assert chart.scene().shapes  # type: ignore[union-attr]
        assert chart.mermaid()  # type: ignore[union-attr]
