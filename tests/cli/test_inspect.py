"""`graphnet inspect`: every view in text and JSON, held against the program itself."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from commands import ROOT, Command

from graphnet.compiler import compile_spec
from graphnet.graph import build_network
from graphnet.lowering import lower_train, parameter_table
from graphnet.program import lifetimes, plan_memory
from graphnet.spec import load_spec

MLP = ROOT / "specs" / "mlp.yaml"


def test_totals_are_the_sums_of_the_table(cli: Command) -> None:
    document = cli.good("inspect", MLP, "--format", "json").document
    assert document["totals"]["parameters"] == document["parameters"] == 37
    # 2 * (2 * 5 + 5 * 3 + 3 * 1) for the products, 9 for the biases, 8 for tanh; 17 values of 4 bytes.
    assert document["totals"]["flops_per_sample"] == 2 * 28 + 9 + 8
    assert document["totals"]["bytes_per_sample"] == (5 + 5 + 3 + 3 + 1) * 4
    text = cli.good("inspect", MLP).out
    (total,) = [line for line in text.splitlines() if line.startswith("| total  ")]
    assert [cell.strip() for cell in total.split("|")[4:7]] == ["37", "73", "68"]


def test_passes_tell_instructions_and_bytes_before_and_after(cli: Command) -> None:
    rows = cli.good("inspect", MLP, "--passes", "--format", "json").document["passes"]
    network = build_network(load_spec(MLP))
    lowered = lower_train(network, parameter_table(network))
    program = compile_spec(MLP)
    first, last = rows[0], rows[-1]
    assert first["instructions"]["before"] == len(lowered.instructions)
    assert first["arena_bytes"]["before"] == plan_memory(lowered, 50).arena_bytes
    assert last["instructions"]["after"] == len(program.main.listing.instructions)
    assert last["arena_bytes"]["after"] == program.memory.arena_bytes
    for one, other in pairwise(rows):
        assert one["instructions"]["after"] == other["instructions"]["before"]
    by_name = {row["pass"]: row for row in rows}
    assert by_name["sum_rows"]["removed"] == {"sum": 3}
    assert by_name["sum_rows"]["added"] == {"vecmat": 3}
    assert by_name["fold_constants"]["setup"] == {"before": 0, "after": 1}
    text = cli.good("inspect", MLP, "--passes").out
    assert "4,160 -> 3,136" in text
    assert "-3 sum, +3 vecmat" in text


def test_memory_tells_the_largest_live_set_by_name(cli: Command) -> None:
    document = cli.good("inspect", MLP, "--memory", "--format", "json").document
    program = compile_spec(MLP)
    spans = lifetimes(program.main.listing, 50)
    alive = {s.name: s.size for s in spans if s.first <= program.memory.peak <= s.last}
    assert {row["buffer"]: row["bytes"] for row in document["peak"]["buffers"]} == alive
    assert document["peak"]["bytes"] == document["lower_bound"] == sum(alive.values())
    assert document["arena_bytes"] == program.memory.arena_bytes
    assert document["ratio"] == pytest.approx(document["arena_bytes"] / document["lower_bound"])
    assert {row["buffer"] for row in document["plan"] if row["at_peak"]} == set(alive)
    text = cli.good("inspect", MLP, "--memory").out
    assert "alive at instruction 19, tanh_gradient of tanh1" in text
    assert "| linear1, tanh1 " in text
    assert "ratio 1.000" in text


def test_profile_tells_time_by_instruction_and_layer(cli: Command) -> None:
    found = cli.good("inspect", MLP, "--profile", "--format", "json").document["profile"]
    program = compile_spec(MLP)
    items = [*program.forward, *program.backward, *program.update]
    rows = found["instructions"]
    assert [(row["op"], row["layer"]) for row in rows] == [(i.op, i.layer) for i in items]
    assert sum(row["seconds"] for row in rows) == pytest.approx(found["sum_seconds"])
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)
    assert sum(row["seconds"] for row in found["layers"]) == pytest.approx(found["sum_seconds"])
    assert found["calls"] == sum(row["calls"] for row in rows)
    first = rows[0]
    assert first["flops"] == 2 * 50 * 2 * 5
    assert first["bytes"] == (50 * 2 + 5 * 2 + 50 * 5) * 4
    assert first["gflops_per_second"] == pytest.approx(first["flops"] / first["seconds"] / 1e9)
    assert first["gbytes_per_second"] == pytest.approx(first["bytes"] / first["seconds"] / 1e9)


def test_profile_in_words(cli: Command) -> None:
    out = cli.good("inspect", "tiny.yaml", "--profile").out
    assert "one training step with 8 samples: " in out
    assert "instructions add up to " in out
    assert "| optimizer " in out


def test_views_can_be_asked_for_together_and_of_a_run(cli: Command, place: Path) -> None:
    cli.good("train", "tiny.yaml", "--run-dir", "run")
    options = ("--ops", "--passes", "--memory", "--profile", "--format", "json")
    document = cli.good("inspect", "run", *options).document
    assert {"listing", "passes", "plan", "profile", "layers", "totals"} <= set(document)
    text = cli.good("inspect", "run", "--passes", "--memory").out
    assert text.index("fold_constants") < text.index("lower bound")
