"""The same spec gives the same bytes and the same bits, wherever, whenever and however it is run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import ROOT, Command, environment, files_of, process
from resuming import left, rich_spec, without_waiting

from graphnet.api import train
from graphnet.compiler import compile_spec
from graphnet.program import program_bytes, read_program
from graphnet.spec import to_yaml
from graphnet.training import Run, RunDirectory

SPEC = """\
graphnet: 1
name: branches
description: two branches that meet, with every layer told what it reads
dtype: float32
seed: 11
inputs:
  a: {shape: [3]}
  b: {shape: [2]}
targets:
  y: {shape: [1]}
layers:
  left: {type: Linear, inputs: a, out_features: 4}
  right: {type: Linear, inputs: b, out_features: 4}
  sum: {type: Add, inputs: [left, right]}
  norm: {type: BatchNorm1d, inputs: sum}
  tanh: {type: Tanh, inputs: norm}
  drop: {type: Dropout, inputs: tanh, p: 0.2}
  last: {type: Linear, inputs: drop, out_features: 1}
outputs: [last]
loss: {type: MSELoss, input: last, target: y}
metrics: [mse, mae]
optimizer: {type: AdamW, lr: 0.01}
scheduler: {type: StepLR, step_size: 2}
data: {train: {path: in.npz}, validation: {fraction: 0.25}}
training: {epochs: 3, batch_size: 5}
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    without_waiting(monkeypatch)
    monkeypatch.setattr("graphnet.api.offer.plot_run", lambda run: [])
    (tmp_path / "branches.yaml").write_text(SPEC)
    generator = np.random.default_rng(1)
    arrays = {name: generator.standard_normal((23, size)) for name, size in (("a", 3), ("b", 2))}
    np.savez(tmp_path / "in.npz", **arrays, y=arrays["a"][:, :1] * arrays["b"][:, :1])
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def compiled(cli: Command, place: Path) -> dict[str, bytes]:
    """Return what compiling here and now writes."""
    cli.good("compile", "branches.yaml", "-o", "reference")
    return files_of(place / "reference")


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "random hashes": {"PYTHONHASHSEED": "random"},
    "another locale": {"LC_ALL": "C", "LANG": "tr_TR.UTF-8"},
    "another time zone": {"TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "0"},
}


@pytest.mark.parametrize("changes", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_programs_of_other_processes(
    place: Path, compiled: dict[str, bytes], changes: dict[str, str]
) -> None:
    result = process("compile", "branches.yaml", "-o", "other", env=environment(**changes))
    assert result.code == 0, result.err
    assert files_of(place / "other") == compiled


def test_programs_of_other_places(
    cli: Command, place: Path, compiled: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another folder, by another path, of a copy elsewhere, and from stdin."""
    cli.good("compile", place / "branches.yaml", "-o", place / "absolute")
    (place / "else/where").mkdir(parents=True)
    (place / "else/where/branches.yaml").write_text(SPEC)
    monkeypatch.chdir(place / "else")
    cli.good("compile", "../branches.yaml", "-o", "above")
    cli.good("compile", "where/branches.yaml", "-o", "copy")
    assert process("compile", "-", "-o", "stdin", input=SPEC.encode()).code == 0
    for folder in ("../absolute", "above", "copy", "stdin"):
        for name in ("branches.json", "branches.txt"):
            assert Path(folder, name).read_bytes() == compiled[name], folder


def sections(spec: str) -> list[str]:
    """Return the top level entries of a spec, each with its lines."""
    found: list[str] = []
    for line in spec.splitlines(keepends=True):
        if line.startswith(" "):
            found[-1] += line
        else:
            found.append(line)
    return found


def shuffled(spec: str, chosen: random.Random) -> str:
    """Return a spec with its sections and its layers in another order."""
    entries = sections(spec)
    chosen.shuffle(entries)
    texts = []
    for entry in entries:
        head, *lines = entry.splitlines(keepends=True)
        if head.startswith("layers"):
            chosen.shuffle(lines)
        texts.append(head + "".join(lines))
    return "".join(texts)


@pytest.mark.parametrize("seed", range(20))
def test_order_means_nothing_where_inputs_are_told(compiled: dict[str, bytes], seed: int) -> None:
    text = shuffled(SPEC, random.Random(seed))
    assert text != SPEC
    assert program_bytes(compile_spec(text)) == compiled["branches.json"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  left: {type: Linear, inputs: a, out_features: 4}",
         "  left: {out_features: 4, inputs: [a], type: Linear, bias: true}"),
        ("  tanh: {type: Tanh, inputs: norm}", "  tanh: {inputs: norm, type: 'Tanh', init: {}}"),
        ("lr: 0.01", "lr: 1.0e-2"),
        ("seed: 11", "seed: 11   # the eleventh"),
        ("\n", "\r\n"),
        ("graphnet: 1\n", "---\n\ngraphnet: 1\n"),
        ("outputs: [last]\n", ""),
        ("loss: {type: MSELoss, input: last, target: y}", "loss: MSELoss"),
        ("metrics: [mse, mae]", "metrics: [{type: mse}, mae]"),
        ("data: {", "data: {test: null, "),
        ("dtype: float32\n", ""),
    ],
)  # fmt: skip
def test_other_words_for_the_same(compiled: dict[str, bytes], old: str, new: str) -> None:
    text = SPEC.replace(old, new)
    assert text != SPEC
    # A layer that is the last one in the file is the output where none is named.
    assert program_bytes(compile_spec(text)) == compiled["branches.json"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed: 11", "seed: 12"),
        ("lr: 0.01", "lr: 0.011"),
        ("epochs: 3", "epochs: 4"),
        ("p: 0.2", "p: 0.21"),
        ("description: two", "description: too"),
        ("tanh", "tanx"),
    ],
)
def test_what_does_mean_something(compiled: dict[str, bytes], old: str, new: str) -> None:
    """Or the bytes would be the same for other reasons."""
    assert program_bytes(compile_spec(SPEC.replace(old, new))) != compiled["branches.json"]


def test_resolved_spec_compiles_to_the_same_program(compiled: dict[str, bytes]) -> None:
    from graphnet.spec import load_spec

    resolved = to_yaml(load_spec("branches.yaml").plain)
    assert program_bytes(compile_spec(resolved)) == compiled["branches.json"]


def test_listing_is_that_of_the_program_read_back(compiled: dict[str, bytes]) -> None:
    program = read_program(compiled["branches.json"], "it")
    assert str(program).encode() == compiled["branches.txt"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_again_gives_the_same_bits(cli: Command, place: Path, dtype: str) -> None:
    for run in ("one", "two"):
        words = ["--set", f"dtype={dtype}", "--run-dir", run, "--no-plots", "-q"]
        cli.good("train", "branches.yaml", *words)
    assert left(place / "one") == left(place / "two")
    for name in ("program.json", "spec.yaml"):
        assert (place / "one" / name).read_bytes() == (place / "two" / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("changes", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_training_in_other_processes(cli: Command, place: Path, changes: dict[str, str]) -> None:
    cli.good("train", "branches.yaml", "--run-dir", "here", "--no-plots")
    words = ["train", "branches.yaml", "--run-dir", "there", "--no-plots"]
    result = process(*words, env=environment(**changes))
    assert result.code == 0, result.err
    assert left(place / "here") == left(place / "there")


def test_training_from_the_file_is_training_from_memory(place: Path) -> None:
    """Nothing is lost on the way through JSON: losses, weights and states are the same bits."""
    program = compile_spec("branches.yaml")
    again = read_program(program_bytes(program), "it")
    assert again == program
    for name, each in (("memory", program), ("file", again)):
        Run(each, Path(), RunDirectory.at(place / name)).execute()
    assert left(place / "memory") == left(place / "file")


def test_looking_on_changes_nothing(cli: Command, place: Path) -> None:
    """Plots, progress, output and how often is saved: the bits are the same."""
    cli.good("train", "branches.yaml", "--run-dir", "quiet", "--no-plots", "-q")
    cli.good("train", "branches.yaml", "--run-dir", "loud", "-v", "--color", "always")
    often = ["--set", "training.checkpoint={epochs: 1, seconds: 0, keep: 1}"]
    cli.good("train", "branches.yaml", "--run-dir", "often", "--no-plots", *often)
    quiet, loud, saved = (left(place / run) for run in ("quiet", "loud", "often"))
    assert quiet == loud
    assert (quiet.last, quiet.best, quiet.metrics) == (saved.last, saved.best, saved.metrics)


def test_permuted_layers_train_to_the_same_bits(place: Path) -> None:
    (place / "other.yaml").write_text(shuffled(SPEC, random.Random(3)))
    train("branches.yaml", run_dir="one")
    train("other.yaml", run_dir="two")
    assert left(place / "one") == left(place / "two")


def test_new_layers_leave_the_numbers_of_others_alone() -> None:
    """Every parameter draws from a stream of its own, keyed by its name."""
    import graphnet

    more = SPEC.replace(
        "outputs: [last]",
        "  aside: {type: Linear, inputs: first, out_features: 3}\noutputs: [last, aside]",
    ).replace("layers:\n", "layers:\n  first: {type: Linear, inputs: b, out_features: 2}\n")
    few, many = graphnet.compile(SPEC), graphnet.compile(more)
    assert set(many.parameters) - set(few.parameters) == {
        f"{layer}.{name}" for layer in ("first", "aside") for name in ("weight", "bias")
    }
    for name, array in few.parameters.items():
        np.testing.assert_array_equal(array, many.parameters[name])


def program_of_a_fresh_process(folder: Path) -> str:
    """Return a digest of programs that were compiled in a process of its own, in odd order."""
    script = (
        "import hashlib, sys; from graphnet.compiler import compile_spec\n"
        "from graphnet.program import program_bytes\n"
        "for path in sys.argv[1:]:\n"
        "    print(hashlib.sha256(program_bytes(compile_spec(path))).hexdigest())"
    )
    specs = [str(path) for path in sorted((ROOT / "specs").glob("*.yaml"))]
    env = environment(PYTHONHASHSEED="random")
    done = subprocess.run(
        [sys.executable, "-c", script, *specs], env=env, cwd=folder, capture_output=True, check=True
    )
    return done.stdout.decode()


def test_example_programs_in_fresh_processes(place: Path) -> None:
    assert program_of_a_fresh_process(place) == program_of_a_fresh_process(ROOT)


def test_records_hold_no_time_but_seconds(place: Path) -> None:
    """All else in a run's texts is a function of spec and data."""
    spec: dict[str, Any] = rich_spec("float32")
    for run in ("one", "two"):
        train(spec, run_dir=run)
    first, second = (
        [json.loads(line) for line in (place / run / "metrics.jsonl").read_text().splitlines()]
        for run in ("one", "two")
    )
    for one, two in zip(first, second, strict=True):
        assert {key for key in one if one[key] != two[key]} <= {"seconds"}
