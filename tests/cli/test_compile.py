"""`graphnet compile`: what it writes, shows and refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from commands import TINY, Command, environment, files_of, limit, process

HUGE = """\
graphnet: 1
name: huge
inputs: {x: {shape: [200000]}}
layers: {wide: {type: Linear, out_features: 200000}}
"""


def test_writes_the_program_and_its_listing(cli: Command, place: Path) -> None:
    result = cli.good("compile", "tiny.yaml")
    assert json.loads((place / "compiled/tiny.json").read_text())["format"] == "graphnet-program"
    assert (place / "compiled/tiny.txt").read_text().startswith("program tiny\n")
    assert "wrote compiled/tiny.json\n" in result.out
    assert "wrote compiled/tiny.txt\n" in result.out
    assert result.err == "next: graphnet train compiled/tiny.json\n"


def test_shows_layers_and_exact_bytes(cli: Command) -> None:
    from graphnet.backend import NumpyExecutable
    from graphnet.compiler import compile_spec

    shown = cli.good("compile", "tiny.yaml").out
    program = compile_spec("tiny.yaml")
    assert "Linear" in shown
    assert "[N, 3]" in shown
    assert f"{program.memory_bytes:,}" in shown
    assert program.memory_bytes == NumpyExecutable(program).memory.nbytes


def test_json_has_the_summary(cli: Command) -> None:
    document = cli.good("compile", "tiny.yaml", "--format", "json").document
    assert set(document) == {
        "name",
        "batch_size",
        "dtype",
        "parameters",
        "instructions",
        "memory",
        "memory_bytes",
        "spec_sha256",
        "layers",
        "files",
    }
    assert document["name"] == "tiny"
    assert document["batch_size"] == 8
    assert document["parameters"] == 2 * 3 + 3 + 3 + 1
    assert document["memory_bytes"] == sum(document["memory"].values())
    assert [layer["layer"] for layer in document["layers"]] == ["linear1", "tanh1", "linear2"]
    assert [layer["output"] for layer in document["layers"]] == ["[N, 3]", "[N, 3]", "[N, 1]"]
    assert document["files"] == ["compiled/tiny.json", "compiled/tiny.txt"]


def test_goes_where_it_is_told(cli: Command, place: Path) -> None:
    cli.good("compile", "tiny.yaml", "-o", "a/b c")
    assert (place / "a/b c/tiny.json").is_file()
    assert not (place / "compiled").exists()


def test_dry_run_writes_nothing(cli: Command, place: Path) -> None:
    before = files_of(place)
    result = cli.good("compile", "tiny.yaml", "--dry-run")
    assert files_of(place) == before
    assert "wrote" not in result.out
    assert "nothing was written (--dry-run)\nnext: graphnet compile tiny.yaml\n" in result.err
    document = cli.good("compile", "tiny.yaml", "--dry-run", "--format", "json").document
    assert document["files"] == []
    assert files_of(place) == before


def test_again_gives_the_same_bytes(cli: Command, place: Path) -> None:
    cli.good("compile", "tiny.yaml")
    first = files_of(place / "compiled")
    cli.good("compile", "tiny.yaml")
    assert files_of(place / "compiled") == first


def test_batch_size(cli: Command) -> None:
    small = cli.good("compile", "tiny.yaml", "--batch-size", 1, "--format", "json").document
    large = cli.good("compile", "tiny.yaml", "--batch-size", 1000, "--format", "json").document
    assert (small["batch_size"], large["batch_size"]) == (1, 1000)
    assert small["memory"]["parameters"] == large["memory"]["parameters"]
    assert small["memory_bytes"] < large["memory_bytes"]


@pytest.mark.parametrize("wrong", ["0", "-1", "1.5", "many", "100000001"])
def test_impossible_batch_size(cli: Command, wrong: str) -> None:
    result = cli("compile", "tiny.yaml", "--batch-size", wrong)
    assert result.code == 2
    assert "--batch-size" in result.err


def test_set_changes_the_program(cli: Command) -> None:
    settings = ["--set", "layers.linear1.out_features=64", "--set", "optimizer.lr=3e-4"]
    document = cli.good("compile", "tiny.yaml", *settings, "--format", "json").document
    assert document["parameters"] == 2 * 64 + 64 + 64 + 1
    assert document["layers"][0]["output"] == "[N, 64]"


def test_errors_of_set_point_into_it(cli: Command, place: Path) -> None:
    result = cli(
        "compile", "tiny.yaml", "--set", "optimizer.lr=abc", "--set", "layers.linear1.bais=true"
    )
    assert result.code == 1
    assert result.out == ""
    caret = "                         ^^^ expected a number"
    assert f"  --> --set optimizer.lr=abc\n{caret}" in result.err
    assert "  --> --set layers.linear1.bais=true\n                           ^^^^" in result.err
    assert "did you mean 'bias'?" in result.err
    assert result.err.endswith("2 errors; nothing was written\n")
    assert not (place / "compiled").exists()


@pytest.mark.parametrize("setting", ["optimizer.lr", "=3", ""])
def test_set_without_key_or_value(cli: Command, setting: str) -> None:
    result = cli("compile", "tiny.yaml", "--set", setting)
    assert result.code == 2
    assert "is not KEY=VALUE" in result.err


def test_value_of_set_may_hold_an_equals_sign(cli: Command) -> None:
    assert cli.good("compile", "tiny.yaml", "--set", "description=a=b", "--dry-run").code == 0


def test_spec_on_stdin(place: Path) -> None:
    result = process("compile", "-", input=TINY.encode())
    assert result.code == 0, result.err
    assert (place / "compiled/tiny.json").is_file()


def test_stdin_that_is_empty(place: Path) -> None:
    result = process("compile", "-", input=b"")
    assert result.code == 1
    assert "error[GN1" in result.err
    assert not (place / "compiled").exists()


def test_missing_spec(cli: Command) -> None:
    result = cli("compile", "nowhere.yaml")
    assert result.code == 4
    assert result.err.startswith("error[GN505]: there is no spec 'nowhere.yaml'\n")


def test_compiled_program_in_place_of_a_spec(cli: Command) -> None:
    cli.good("compile", "tiny.yaml")
    result = cli("compile", "compiled/tiny.json")
    assert result.code == 2
    assert "'compiled/tiny.json' is a compiled program, not a spec" in result.err
    assert "help: it can be used as it is: graphnet train compiled/tiny.json" in result.err


def test_too_large_is_refused_with_both_numbers(cli: Command, place: Path) -> None:
    (place / "huge.yaml").write_text(HUGE)
    result = cli("compile", "huge.yaml")
    assert result.code == 4
    assert "error[GN531]: 'huge' needs 149 GiB, the limit is 8 GiB\n" in result.err
    assert "--max-memory" in result.err
    assert "nothing was allocated" in result.err
    assert not (place / "compiled").exists()


def test_limit_can_be_set(cli: Command, place: Path) -> None:
    (place / "huge.yaml").write_text(HUGE)
    assert cli("compile", "huge.yaml", "--max-memory", "149GiB", "--dry-run").code == 4
    assert cli("compile", "huge.yaml", "--max-memory", "150GiB", "--dry-run").code == 0
    assert cli("compile", "tiny.yaml", "--max-memory", "1kB", "--dry-run").code == 4
    assert cli("compile", "tiny.yaml", "--max-memory", "1 MB", "--dry-run").code == 0


@pytest.mark.parametrize("size", ["8 GiBs", "-1GB", "much", "1e3", ""])
def test_what_is_no_size(cli: Command, size: str) -> None:
    result = cli("compile", "tiny.yaml", "--max-memory", size)
    assert result.code == 2
    assert "is not a size; write for example 500MB or 8GiB" in result.err


def test_refusal_comes_before_memory_is_touched(place: Path) -> None:
    """The process may have 2 GiB of addresses; the network would need 149."""
    (place / "huge.yaml").write_text(HUGE)
    env = environment(OPENBLAS_NUM_THREADS="1")
    result = process("compile", "huge.yaml", env=env, before=limit("RLIMIT_AS", 2 << 30))
    assert result.code == 4
    assert "needs 149 GiB, the limit is 8 GiB" in result.err


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_output_folder_that_is_none(cli: Command, place: Path, kind: str) -> None:
    if kind == "file":
        (place / "compiled").write_text("mine")
    else:
        (place / "compiled").symlink_to("nowhere")
    result = cli("compile", "tiny.yaml")
    assert result.code == 4
    assert "'compiled'" in result.err
    assert not (place / "nowhere").exists()


def test_target_that_is_a_folder(cli: Command, place: Path) -> None:
    (place / "compiled/tiny.json").mkdir(parents=True)
    result = cli("compile", "tiny.yaml")
    assert result.code == 4
    assert "tiny.json" in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs names as bytes")
@pytest.mark.parametrize("name", ["a b", "it's", 'a"b', "line\nbreak", "\N{SNOWMAN}", "b\udcff"])
def test_odd_names_of_folders(name: str, place: Path) -> None:
    """In a process of its own: only there are the streams as users have them."""
    result = process("compile", "tiny.yaml", "-o", name)
    assert result.code == 0, result.err
    assert (place / name / "tiny.json").is_file()
    assert result.err.count("\n") == 1, "what cannot be printed is shown as an escape"


def test_warnings_go_to_stderr(cli: Command, place: Path) -> None:
    unused = TINY.replace("loss:", "  spare: {type: Linear, inputs: point, out_features: 2}\n"
                          "outputs: [linear2]\nloss:")  # fmt: skip
    (place / "spare.yaml").write_text(unused)
    result = cli.good("compile", "spare.yaml", "--format", "json")
    assert "warning: " in result.err
    assert "spare" in result.err
    assert result.document["name"] == "tiny"
