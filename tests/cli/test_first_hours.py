"""What newcomers run into in their first hours: old programs, early Ctrl-C, stray variables, padding."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from commands import ROOT, Command, environment, start


def compiled(cli: Command, place: Path) -> Path:
    cli.good("compile", "tiny.yaml")
    return place / "compiled" / "tiny.json"


def test_a_program_older_than_its_spec_is_trained_with_a_warning(cli: Command, place: Path) -> None:
    program = compiled(cli, place)
    text = (place / "tiny.yaml").read_text()
    (place / "tiny.yaml").write_text(text.replace("lr: 0.05", "lr: 0.06"))
    for named in ([], [program]):
        result = cli.good("train", *named, "--no-plots")
        assert "older than tiny.yaml, which has changed" in result.err
        assert "graphnet compile tiny.yaml" in result.err
    cli.good("compile", "tiny.yaml")
    assert "warning" not in cli.good("train", "--no-plots").err


def test_comments_do_not_make_a_program_old(cli: Command, place: Path) -> None:
    compiled(cli, place)
    with (place / "tiny.yaml").open("a") as file:
        file.write("# nothing new\n")
    assert "warning" not in cli.good("train", "--no-plots").err


def test_a_spec_that_became_wrong_has_changed_too(cli: Command, place: Path) -> None:
    compiled(cli, place)
    (place / "tiny.yaml").write_text("graphnet: 1\nlayers: {}\n")
    assert "has changed" in cli.good("train", "--no-plots").err


def test_the_cure_names_the_folder_the_program_lies_in(cli: Command, place: Path) -> None:
    cli.good("compile", "tiny.yaml", "-o", "else where")
    (place / "tiny.yaml").write_text("")
    result = cli.good("train", "else where/tiny.json", "--no-plots")
    assert "graphnet compile tiny.yaml -o 'else where'" in result.err


def test_a_program_without_its_spec_is_no_older(cli: Command, place: Path) -> None:
    compiled(cli, place)
    (place / "tiny.yaml").unlink()
    assert "warning" not in cli.good("train", "--no-plots").err


@pytest.mark.parametrize("milliseconds", [25, 40, 60, 90, 140])
def test_ctrl_c_while_python_imports_is_silent(milliseconds: int, place: Path) -> None:
    ready = place / "ready"
    # The child's own first module tells when it is there; before that, Python alone is running.
    (place / "sitecustomize.py").write_text(f"open({str(ready)!r}, 'w').close()\n")
    child = start("check", "tiny.yaml", env=environment(PYTHONPATH=f"{place}:{ROOT}"))
    while not ready.exists():
        time.sleep(0.001)
    time.sleep(milliseconds / 1000)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert b"Traceback" not in err
    # The signal itself ends a process that Python is taking down after its work is done.
    assert child.returncode in (0, 130, -signal.SIGINT)


def test_variables_that_look_like_settings_are_warned_of(
    cli: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHNET_LR", "3")
    assert "GRAPHNET_LR does nothing; use --set KEY=VALUE" in cli.good("check", "tiny.yaml").err
    assert "GRAPHNET_LR" not in cli.good("check", "tiny.yaml", "-q").err


def test_what_padding_is_is_said_below_the_bytes(cli: Command) -> None:
    # 2 * 3 + 3 numbers and 3 + 1, of four bytes each.
    said = cli.good("compile", "tiny.yaml").out
    assert "multiple of 64 bytes; the 13 parameters alone are 52 bytes" in said


def test_a_shape_error_points_to_the_value_that_does_not_fit(cli: Command, place: Path) -> None:
    result = cli("check", "tiny.yaml", "--set", "layers.linear2.in_features=7")
    assert "  --> --set layers.linear2.in_features=7" in result.err
    (place / "tiny.yaml").write_text(
        (place / "tiny.yaml").read_text().replace("features: 1}", "features: 1, in_features: 7}")
    )
    line = next(line for line in cli("check", "tiny.yaml").err.splitlines() if "^" in line)
    assert line.index("^") - line.index("|") == 2 + len(
        "  linear2: {type: Linear, out_features: 1, in_features: "
    )


def test_where_no_caret_can_point_to_the_change_a_note_names_it(cli: Command) -> None:
    result = cli("check", "tiny.yaml", "--set", "layers.linear2.out_features=2")
    assert "--> tiny.yaml:13:7" in result.err
    assert "= note: changed by --set layers.linear2.out_features=2" in result.err
