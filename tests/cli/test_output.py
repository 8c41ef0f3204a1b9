"""Where commands write and how: stdout and stderr, colours, encodings, pipes that are gone."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import LISTEN, LONG, Command, Result, environment, process, start

ESCAPE = "\x1b["
EVERY = (
    "compile tiny.yaml",
    "train tiny.yaml --no-plots",
    "evaluate done",
    "predict done --input points.csv",
    "predict done --input points.csv -o out.csv",
    "draw tiny.yaml -o out.svg",
    "inspect tiny.yaml",
    "inspect tiny.yaml --ops",
    "check tiny.yaml --gradients",
    "list layers",
    "list layers Linear",
    "explain GN301",
    "schema",
)


@pytest.fixture(autouse=True)
def points(trained: Path, place: Path) -> None:
    """Have a finished run and points to predict for."""
    (place / "points.csv").write_text("x,y\n0.5,0.25\n-1,1\n")


@pytest.mark.parametrize("words", EVERY)
def test_one_json_document_and_nothing_else(cli: Command, words: str) -> None:
    result = cli.good(*words.split(), "--format", "json")
    assert isinstance(result.document, dict)


@pytest.mark.parametrize("words", EVERY)
def test_quiet_leaves_results_only(cli: Command, words: str) -> None:
    result = cli.good(*words.split(), "-q")
    assert result.err == ""
    assert result.out


@pytest.mark.parametrize("words", EVERY)
def test_ends_with_the_next_command(cli: Command, words: str) -> None:
    result = cli.good(*words.split())
    assert result.err.splitlines()[-1].startswith("next: graphnet ")


@pytest.mark.parametrize("words", EVERY)
def test_redirected_text_is_plain(cli: Command, words: str) -> None:
    """No escape sequences, no carriage returns, no lines drawn with other than ASCII."""
    result = cli.good(*words.split())
    said = result.out + result.err
    assert ESCAPE not in said
    assert "\r" not in said
    # The schema and the explanations are texts of their own.
    assert said.isascii() or words.startswith(("list", "explain", "schema"))


def test_json_of_an_error(cli: Command) -> None:
    result = cli("compile", "tiny.yaml", "--set", "optimizer.lr=x", "--format=json")
    assert result.code == 1
    (error,) = result.document["errors"]
    assert set(error) == {
        "code", "message", "file", "line", "column", "end_column", "label", "help", "notes",
    }  # fmt: skip
    assert (error["code"], error["file"]) == ("GN106", "--set optimizer.lr=x")
    assert "error[GN106]" in result.err


def test_json_of_misuse_is_nothing(cli: Command) -> None:
    result = cli("compile", "--format", "json")
    assert (result.code, result.out) == (2, "")


def test_json_of_numbers_that_are_none(cli: Command, trained: Path) -> None:
    """JSON has no NaN: null stands for it."""
    from graphnet.training import load_checkpoint, save_checkpoint

    path = trained / "checkpoints/step-0000000020.safetensors"
    checkpoint = load_checkpoint(path)
    checkpoint.tensors["parameter/linear2.bias"][...] = float("nan")
    save_checkpoint(path, checkpoint)
    document = cli.good("evaluate", trained, "--format", "json").document
    assert document["loss"]["test"] is None
    outputs = cli.good("predict", trained, "--input", "points.csv", "--format", "json").document
    assert outputs["linear2"] == [[None], [None]]


@pytest.mark.parametrize(
    ("choice", "no_color", "force_color", "colored"),
    [
        (None, None, None, False),
        (None, None, "1", True),
        (None, "1", "1", False),
        (None, "", "1", True),
        (None, "1", None, False),
        (None, None, "", False),
        ("always", "1", None, True),
        ("always", None, None, True),
        ("never", None, "1", False),
        ("auto", None, "1", True),
        ("auto", "1", "1", False),
    ],
)
@pytest.mark.parametrize("words", ["compile tiny.yaml", "compile nowhere.yaml"])
def test_colour_precedence(
    cli: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    choice: str | None,
    no_color: str | None,
    force_color: str | None,
    colored: bool,
) -> None:
    """--color, then NO_COLOR (unless empty), then FORCE_COLOR, then the terminal."""
    for name, value in (("NO_COLOR", no_color), ("FORCE_COLOR", force_color)):
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("TERM", "xterm-256color")
    result = cli(*words.split(), *([] if choice is None else ["--color", choice]))
    assert (ESCAPE in result.out + result.err) == colored


def test_colours_change_no_word(cli: Command) -> None:
    plain = cli("compile", "nowhere.yaml")
    colored = cli("compile", "nowhere.yaml", "--color=always")
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored.err) == plain.err


@pytest.mark.parametrize("name", ["d\N{LATIN SMALL LETTER E WITH ACUTE}", "\N{SNOWMAN}"])
@pytest.mark.parametrize(
    "changes",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["ascii", "locale"],
)
def test_streams_that_know_only_ascii(place: Path, name: str, changes: dict[str, str]) -> None:
    """A name they cannot show is written as an escape; nothing fails for that."""
    (place / name).mkdir()
    (place / name / "t.yaml").write_text((place / "tiny.yaml").read_text())
    env = environment(**changes)
    done = process("compile", f"{name}/t.yaml", "-o", f"{name}/out", env=env)
    assert done.code == 0, done.err
    assert (place / name / "out/tiny.json").is_file()
    assert (done.out + done.err).isascii()
    failed = process("compile", f"{name}/nowhere.yaml", env=env)
    assert failed.code == 4
    assert "error[GN505]" in failed.err


def test_control_characters_do_not_reach_the_terminal(cli: Command, place: Path) -> None:
    (place / "\x1b[31mred").mkdir()
    result = cli.good("compile", "tiny.yaml", "-o", "\x1b[31mred")
    assert ESCAPE not in result.out + result.err
    assert ESCAPE not in cli("compile", "\x1b]0;title\x07.yaml").err


def dead_pipe(*arguments: str, out: bool, err: bool) -> Result:
    """Run a command whose readers have left before it begins."""
    read, write = os.pipe()
    os.close(read)
    gone = {**({"stdout": write} if out else {}), **({"stderr": write} if err else {})}
    try:
        return process(*arguments, **gone)
    finally:
        os.close(write)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    ["--help", "compile tiny.yaml", "list layers", "schema", "predict done --input points.csv",
     "train tiny.yaml --no-plots --run-dir new", "inspect tiny.yaml --ops --format json"],
)  # fmt: skip
def test_reader_that_left(words: str, place: Path) -> None:
    result = dead_pipe(*words.split(), out=True, err=False)
    assert result.code == 141
    assert "rror" not in result.err
    if words.startswith("train"):
        assert json.loads((place / "new/summary.json").read_text())["status"] == "finished"


def test_messages_nobody_reads_stop_nothing(place: Path) -> None:
    result = dead_pipe("train", "tiny.yaml", "--no-plots", "--run-dir", "new", out=False, err=True)
    assert result.code == 0
    assert result.out.startswith("tiny finished after 4 epochs")
    assert dead_pipe("compile", "nowhere.yaml", out=False, err=True).code == 4
    assert dead_pipe("trian", out=True, err=True).code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_behind_stdout() -> None:
    with Path("/dev/full").open("wb") as full:
        result = process("list", "layers", stdout=full)
        assert result.code == 4
        assert "error[GN503]: the system refused: No space left on device" in result.err
        assert process("compile", "nowhere.yaml", stderr=full).code == 4


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(closed: str, place: Path) -> None:
    """Neither do they stop a training, nor does anything meant for them land in its files."""
    script = f'exec "$0" -m graphnet train tiny.yaml --no-plots --run-dir new {closed}'
    subprocess.run(["sh", "-c", script, sys.executable], env=environment(), check=True)
    assert json.loads((place / "new/summary.json").read_text())["status"] == "finished"
    for line in (place / "new/metrics.jsonl").read_text().splitlines():
        json.loads(line)


def on_a_terminal(*arguments: str, columns: int = 80, **changes: str) -> tuple[int, str]:
    """Run a command on a pseudo terminal and return its code and all it wrote there."""
    import fcntl
    import pty
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = {"stdin": follower, "stdout": follower, "stderr": follower}
    env = environment(**{"TERM": "xterm-256color", **changes})
    command = start(*arguments, env=env, start_new_session=True, **settings)
    os.close(follower)
    said = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([leader], [], [], 0.2)
        try:
            piece = os.read(leader, 65536) if ready else b"-"
        except OSError:  # the last one that held the terminal has closed it
            break
        said += piece if ready else b""
    os.close(leader)
    return command.wait(30), said.decode("utf-8", "replace")


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 20, 0])
def test_terminal_of_any_width(columns: int) -> None:
    code, said = on_a_terminal(
        "train", "tiny.yaml", "--no-plots", "--epochs", "300", columns=columns
    )
    assert code == 0
    assert ESCAPE in said
    assert "finished" in said
    assert "GN900" not in said


@pytest.mark.slow
def test_terminal_without_colours_still_has_a_bar() -> None:
    code, said = on_a_terminal("train", "tiny.yaml", "--no-plots", "--epochs", "300", NO_COLOR="1")
    assert code == 0
    assert "/300 epochs" in said
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", said)
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h"), "the cursor is shown again"


@pytest.mark.slow
def test_terminal_that_is_dumb() -> None:
    code, said = on_a_terminal("compile", "tiny.yaml", TERM="dumb")
    assert code == 0
    assert ESCAPE not in said
    assert said.isascii()


@pytest.mark.slow
def test_terminal_has_its_cursor_back_after_a_failure(place: Path) -> None:
    code, said = on_a_terminal(
        "train", "tiny.yaml", "--no-plots", "--epochs", "300", "--set", "optimizer.lr=1e30"
    )
    assert code == 3
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h")


@pytest.mark.slow
def test_spec_from_a_terminal_is_no_hang() -> None:
    code, said = on_a_terminal("compile", "-")
    assert code in (2, 4)
    assert "error[GN" in said


@pytest.mark.slow
def test_terminal_that_goes_away(place: Path) -> None:
    """As when a window is closed: the state is saved, and the message goes nowhere."""
    import pty
    import signal

    (place / "long.yaml").write_text(LONG)
    leader, follower = pty.openpty()
    streams = {"stdin": follower, "stdout": follower, "stderr": follower}
    control = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
    command = start(
        "train", "long.yaml", "--run-dir", "new", start_new_session=True,
        before=f"{LISTEN}; {control}", **streams,
    )  # fmt: skip
    os.close(follower)
    while not (place / "new/metrics.jsonl").exists():
        os.read(leader, 65536)
    os.close(leader)  # the system sends SIGHUP
    assert command.wait(30) in (129, 128 + signal.SIGHUP)
    assert list((place / "new/checkpoints").glob("step-*.safetensors"))
    assert json.loads((place / "new/summary.json").read_text())["status"] == "interrupted"
