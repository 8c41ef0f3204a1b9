"""Files of drawings: every format, and every way in which the programs that draw can be missing or fail."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from graphnet.errors import ResourceError, UsageError
from graphnet.viz import (
    FORMATS,
    Drawing,
    Edge,
    Node,
    dot_text,
    format_of,
    mermaid_text,
    plain_text,
    programs,
    render,
    to_bytes,
)

DRAWING = Drawing(
    "net", (Node("x", "input", ("x",)), Node("a", "layer", ("a",))), (Edge("x", "a"),), ()
)
PNG = b"\x89PNG\r\n\x1a\n"
scripted = pytest.mark.skipif(os.name == "nt", reason="stand-ins for programs are scripts")


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that makes the given programs the only ones that can be found."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(folder))

    def install(**scripts: str) -> Path:
        for name, body in scripts.items():
            script = folder / name.replace("_", "-")
            script.write_text(f"#!{sys.executable}\nimport sys, time, os\n{body}\n")
            script.chmod(0o755)
        return folder

    return install


def real(program: str) -> str:
    path = shutil.which(program) or shutil.which(program, path=sysconfig.get_path("scripts"))
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@pytest.mark.parametrize(
    ("suffix", "text"), [("dot", dot_text), ("mmd", mermaid_text), ("txt", plain_text)]
)
def test_texts_need_no_program(
    only: Callable[..., Path], tmp_path: Path, suffix: str, text: Callable[[Drawing], str]
) -> None:
    only()
    path = tmp_path / f"net.{suffix}"
    assert render(DRAWING, path) == []
    assert path.read_bytes() == to_bytes(DRAWING, suffix) == text(DRAWING).encode()


@pytest.mark.parametrize("program", ["dot", "graphviz-pure"])
@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_images_are_drawn_and_nothing_else_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, suffix: str
) -> None:
    path = real(program)
    monkeypatch.setattr(programs, "_installed", lambda: iter([(program, path)]))
    assert render(DRAWING, tmp_path / f"net.{suffix}") == []
    assert [file.name for file in tmp_path.iterdir()] == [f"net.{suffix}"]
    content = (tmp_path / f"net.{suffix}").read_bytes()
    assert content.startswith(PNG) if suffix == "png" else b"</svg>" in content
    assert to_bytes(DRAWING, suffix.upper()) == content


def test_dot_writes_pdf(tmp_path: Path) -> None:
    real("dot")
    assert render(DRAWING, tmp_path / "net.pdf") == []
    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("linux", "apt-get install graphviz"),
        ("darwin", "brew install graphviz"),
        ("win32", "winget install graphviz"),
    ],
)
def test_without_programs_the_dot_text_is_kept(
    only: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    line: str,
) -> None:
    only()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", platform)
        # Elsewhere than on Windows itself, looking for programs the Windows way cannot work.
        patch.setattr(shutil, "which", lambda *_, **__: None)
        with pytest.raises(ResourceError) as caught:
            render(DRAWING, tmp_path / "net.svg")
    assert (caught.value.code, caught.value.exit_code) == ("GN521", 4)
    assert caught.value.help == f'{line}, or pip install "graphnet[dot]"'
    assert caught.value.notes == (f"its DOT text is in {str(tmp_path / 'net.dot')!r}",)
    assert (tmp_path / "net.dot").read_bytes() == dot_text(DRAWING).encode()
    assert not (tmp_path / "net.svg").exists()


def test_an_old_picture_is_said_to_be_unchanged(only: Callable[..., Path], tmp_path: Path) -> None:
    only()
    (tmp_path / "net.svg").write_text("old")
    with pytest.raises(ResourceError) as caught:
        render(DRAWING, tmp_path / "net.svg")
    assert caught.value.notes[-1].endswith("; the old 'net.svg' is unchanged")
    assert (tmp_path / "net.svg").read_text() == "old"


def test_graphviz_pure_alone_cannot_write_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = real("graphviz-pure")
    monkeypatch.setattr(programs, "_installed", lambda: iter([("graphviz-pure", path)]))
    with pytest.raises(ResourceError, match="graphviz-pure cannot write it") as caught:
        render(DRAWING, tmp_path / "net.pdf")
    assert caught.value.code == "GN521"
    assert "pip install" not in caught.value.help
    assert (tmp_path / "net.dot").exists()


@scripted
def test_the_original_is_preferred_and_the_other_stands_in(
    only: Callable[..., Path], tmp_path: Path
) -> None:
    writes = 'sys.stdin.read(); sys.stdout.write("<svg>{}</svg>")'
    only(dot=writes.format("dot"), graphviz_pure=writes.format("pure"))
    assert to_bytes(DRAWING, "svg") == b"<svg>dot</svg>"
    only(dot="sys.exit('Format: \"svg\" not recognized. Use one of: canon')")
    assert to_bytes(DRAWING, "svg") == b"<svg>pure</svg>"


@scripted
def test_warnings_of_the_program_are_passed_on(only: Callable[..., Path], tmp_path: Path) -> None:
    only(
        dot="sys.stdout.write('<svg/>'); "
        "sys.stderr.write('dot: scaled\\x1b[31m to fit\\nWarning: no hard-coded metrics for x\\n')"
    )
    assert render(DRAWING, tmp_path / "net.svg") == ["dot said: scaled?[31m to fit"]


@scripted
@pytest.mark.parametrize(
    ("body", "message", "note"),
    [
        ("sys.exit('no layout engine')", "dot failed with status 1", "dot said: no layout engine"),
        ("sys.stderr.write('x' * 999); sys.exit(3)", "dot failed with status 3", "x" * 160),
        ("print('hello')", "dot wrote no svg", ""),
        ("pass", "dot wrote no svg", ""),
        ("os.kill(os.getpid(), 9)", f"dot was ended by signal {signal.SIGKILL:d}", ""),
        ("time.sleep(60)", "dot was stopped after 0.5 seconds", ""),
    ],
)
def test_a_failing_program_is_quoted_and_the_dot_text_kept(
    only: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    message: str,
    note: str,
) -> None:
    only(dot=body)
    monkeypatch.setattr(programs, "TIME_LIMIT", 0.5 if "sleep" in body else 30.0)
    with pytest.raises(ResourceError) as caught:
        render(DRAWING, tmp_path / "net.svg")
    assert (caught.value.code, caught.value.message) == ("GN522", message)
    assert note in caught.value.notes[0]
    assert caught.value.notes[-1] == f"its DOT text is in {str(tmp_path / 'net.dot')!r}"
    assert (tmp_path / "net.dot").read_text() == dot_text(DRAWING)


@scripted
def test_a_program_that_cannot_be_started_is_named(
    only: Callable[..., Path], tmp_path: Path
) -> None:
    (only(dot="") / "dot").write_bytes(b"\x7fELF is not all it takes")
    with pytest.raises(ResourceError, match="dot cannot be started") as caught:
        render(DRAWING, tmp_path / "net.svg")
    assert caught.value.code == "GN522"


def test_formats_follow_from_the_suffix(tmp_path: Path) -> None:
    assert [format_of(Path(f"a.b.{suffix.upper()}")) for suffix in FORMATS] == list(FORMATS)
    for wrong in ("net.jpg", "net", ".svg", "net.svg.bak"):
        with pytest.raises(UsageError, match="no picture can be written") as caught:
            render(DRAWING, tmp_path / wrong)
        assert caught.value.code == "GN734"
        assert caught.value.notes == ("formats: svg, png, pdf, dot, mmd, txt",)
    with pytest.raises(UsageError, match="'gif'"):
        to_bytes(DRAWING, "gif")
    assert list(tmp_path.iterdir()) == []


def test_a_png_has_a_limit_before_anything_is_started(
    only: Callable[..., Path], tmp_path: Path
) -> None:
    only()
    nodes = tuple(Node(str(number), "layer", ("a",)) for number in range(2001))
    with pytest.raises(UsageError, match="2,001 nodes are too many for a png") as caught:
        render(Drawing("big", nodes, (), ()), tmp_path / "net.png")
    assert caught.value.code == "GN735"
    assert not (tmp_path / "net.dot").exists()


def test_more_arrows_than_mermaid_shows_are_told(tmp_path: Path) -> None:
    many = Drawing("big", DRAWING.nodes, DRAWING.edges * 501, ())
    (message,) = render(many, tmp_path / "net.mmd")
    assert "these are 501" in message
    assert render(many, tmp_path / "net.txt") == []


def test_a_missing_folder_is_an_error_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ResourceError) as caught:
        render(DRAWING, tmp_path / "nowhere" / "net.dot")
    assert caught.value.code == "GN505"
