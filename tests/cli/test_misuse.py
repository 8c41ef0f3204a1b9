"""Commands put wrongly: a code of 2, the nearest word, and nothing done."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Command, files_of

COMMANDS = (
    "compile", "train", "evaluate", "predict", "draw", "inspect", "check", "list", "explain",
    "schema",
)  # fmt: skip


def test_without_arguments_short_help(cli: Command) -> None:
    result = cli()
    assert result.code == 2
    assert "Usage: graphnet" in result.out + result.err
    for command in COMMANDS:
        assert f"\n  {command} " in result.out + result.err


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(cli: Command, option: str) -> None:
    result = cli.good(option)
    for command in COMMANDS:
        assert f"\n  {command} " in result.out
    assert "graphnet compile specs/mlp.yaml" in result.out
    assert result.err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(cli: Command, command: str) -> None:
    result = cli.good(command, "--help")
    assert result.out.startswith(f"Usage: graphnet {command} ")
    for option in ("--format", "--color", "--quiet", "--verbose", "--debug"):
        assert option in result.out


def test_version(cli: Command) -> None:
    from graphnet.version import __version__

    assert cli.good("--version").out == f"graphnet {__version__}\n"


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        ("trian", "did you mean 'train'?"),
        ("Compile", "did you mean 'compile'?"),
        ("frobnicate", "no such command 'frobnicate'"),
        ("train --epoch 3", "Did you mean '--epochs'?"),
        ("compile tiny.yaml --batchsize 3", "Did you mean '--batch-size'?"),
        ("list layesr", "did you mean 'layers'?"),
        ("compile tiny.yaml --format jsn", "did you mean 'json'?"),
        ("compile tiny.yaml --color alway", "did you mean 'always'?"),
        ("compile", "Missing argument 'SPEC'"),
        ("compile tiny.yaml tiny.yaml", "unexpected extra argument"),
        ("draw", "Missing argument 'SOURCE'"),
        ("evaluate", "Missing argument 'RUN'"),
        ("explain", "Missing argument 'CODE'"),
        ("--frobnicate", "--frobnicate"),
    ],
)
def test_wrong_words(cli: Command, place: Path, words: str, cure: str) -> None:
    before = files_of(place)
    result = cli(*words.split())
    assert result.code == 2
    assert cure in result.err
    assert result.out == ""
    assert files_of(place) == before


def test_set_that_names_nothing(cli: Command, place: Path) -> None:
    result = cli("compile", "tiny.yaml", "--set", "optimzer.lr=1")
    assert result.code == 1
    assert "--> --set optimzer.lr=1" in result.err
    assert "did you mean 'optimizer'?" in result.err
    assert not (place / "compiled").exists()


@pytest.mark.parametrize("seed", ["-1", "abc", "1.5", "true"])
def test_impossible_seed(cli: Command, seed: str) -> None:
    result = cli("compile", "tiny.yaml", "--set", f"seed={seed}", "--dry-run")
    assert result.code == 1
    assert f"--> --set seed={seed}" in result.err


def test_large_seed(cli: Command) -> None:
    cli.good("train", "tiny.yaml", "--set", f"seed={2**53}", "--epochs", 1, "--no-plots", "-q")


def test_two_dashes_end_options(cli: Command, place: Path) -> None:
    (place / "-rf.yaml").write_text((place / "tiny.yaml").read_text())
    cli.good("compile", "--dry-run", "--", "-rf.yaml")
    assert cli("compile", "--dry-run", "-rf.yaml").code == 2


@pytest.mark.parametrize("path", ["", ".", "nowhere/x.yaml", "tiny.yaml/x", "\0", "a" * 300])
@pytest.mark.parametrize("command", ["compile", "train", "check", "draw", "inspect"])
def test_paths_that_name_no_spec(cli: Command, place: Path, command: str, path: str) -> None:
    before = files_of(place)
    result = cli(command, path)
    assert result.code in (2, 4)
    assert result.err.startswith(("error[GN5", "error[GN7"))
    assert files_of(place) == before


def test_device_that_never_ends(cli: Command) -> None:
    for path in ("/dev/zero", "/dev/null", "/dev/tty"):
        if Path(path).exists():
            assert cli("check", path).code in (1, 4)


def test_damaged_program(cli: Command, place: Path) -> None:
    cli.good("compile", "tiny.yaml")
    path = place / "compiled/tiny.json"
    path.write_bytes(path.read_bytes().replace(b'"seed":7', b'"seed":8', 1))
    for command in ("train", "inspect", "draw"):
        result = cli(command, "compiled/tiny.json")
        assert result.code == 1
        assert "error[GN402]" in result.err
    path.write_text("{}")
    assert "error[GN401]" in cli("train", "compiled/tiny.json").err
    path.unlink()
    assert cli("train", "compiled/tiny.json").code == 4


def test_debug_adds_the_traceback(cli: Command) -> None:
    result = cli("check", "nowhere.yaml", "--debug")
    assert result.code == 4
    assert "error[GN505]" in result.err
    result = cli("compile", "nowhere.yaml", "--debug")
    assert "Traceback (most recent call last)" in result.err
    assert "Traceback" not in cli("compile", "nowhere.yaml").err


def test_a_bug_says_so(cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception nobody expected: no traceback, a report to send in, its own code."""
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setattr("graphnet.spec.json_schema", lambda: 1 / 0)
    result = cli("schema")
    assert result.code == 70
    assert result.err.startswith("error[GN900]: graphnet has a bug: ZeroDivisionError")
    assert "Traceback" not in result.err
    (report,) = place.glob("graphnet-*.txt")
    assert str(report) in result.err
    assert "ZeroDivisionError: division by zero" in report.read_text()


def test_memory_that_is_used_up(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted() -> None:
        raise MemoryError

    monkeypatch.setattr("graphnet.spec.json_schema", exhausted)
    result = cli("schema")
    assert result.code == 4
    assert "error[GN532]" in result.err
