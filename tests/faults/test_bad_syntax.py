"""Specs that cannot be read: every row of the catalogue of bad inputs that concerns syntax.

A case is what was written, and the code, line, column and a phrase of the answer. The processor time
of each is limited, so that a parser that hangs fails instead of stopping the tests.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphnet.errors import GraphNetError, SpecErrors
from graphnet.spec import load_spec, read_file, read_text

SECONDS = 2.0
"""Most processor time of one case."""

# Row, text, code, line, column, phrase of the printed error.
# fmt: off
TEXTS: list[tuple[str, str, str, int | None, int | None, str]] = [
    ("A01-empty", "", "GN102", None, None, "the spec is empty"),
    ("A01-comment", "# nothing\n", "GN102", None, None, "a small spec: {graphnet: 1"),
    ("A01-marker", "---\n", "GN102", None, None, "the spec is empty"),
    ("A01-blank", " \n\n  \n", "GN102", None, None, "the spec is empty"),
    ("A02-list", "- a\n- b\n", "GN102", 1, 1, "not a list"),
    ("A02-flow-list", "[1, 2]", "GN102", 1, 1, "not a list"),
    ("A02-scalar", "\n\nmlp\n", "GN102", 3, 1, "not a single value"),
    ("A02-null", "null\n", "GN102", None, None, "the spec is empty"),
    ("A03-tab", "layers:\n\ta: Tanh\n", "GN101", 2, 1, "a tab in the indentation"),
    ("A03-mixed", "layers:\n  a: Tanh\n \tb: Tanh\n", "GN101", 3, 2, "indent with spaces"),
    ("A03-after-value", "a: 1\n\tb: 2\n", "GN101", 2, 1, "a tab in the indentation"),
    ("A04-list", "a: 1\nb: [1, 2\nc: 3\n", "GN101", 2, 4, "this '[' is never closed"),
    ("A04-mapping", "x:\n  a: {type: Tanh\n  b: Tanh\n", "GN101", 2, 6, "opened here"),
    ("A04-end", "a: [1,\n 2,\n", "GN101", 1, 4, "the text ends on line 2"),
    ("A04-inner", "a: {b: [1, 2}\n", "GN101", 1, 13, "expected ',' or ']' before '}'"),
    ("A04-single-quote", "a: 'text\nb: 1\n", "GN101", 1, 4, "is never closed"),
    ("A04-double-quote", 'a: 1\nb: "text\n', "GN101", 2, 4, "is never closed"),
    ("A04-comma", 'a: ["x" "y"]\n', "GN101", 1, 9, "expected ',' or ']'"),
    ("A04-closing", "a: ]\n", "GN101", 1, 4, "a value is missing before ']'"),
    ("A05-top", "a: 1\nb: 2\na: 3\n", "GN103", 3, 1, "already given on line 1"),
    ("A05-deep", "a:\n  b:\n    c: 1\n    c: 2\n", "GN103", 4, 5, "already given on line 3"),
    ("A05-flow", "a: {lr: 1, lr: 2}\n", "GN103", 1, 12, "duplicate key 'lr'"),
    ("A05-quoted", "a: 1\n'a': 2\n", "GN103", 2, 1, "duplicate key 'a'"),
    ("A06-number", "1: x\n", "GN111", 1, 1, "a key that is not text"),
    ("A06-true", "a: 1\ntrue: x\n", "GN111", 2, 1, "put it in quotes"),
    ("A12-python", "a: !!python/object/apply:os.system [x]\n",
     "GN110", 1, 4, "tags are not allowed"),
    ("A12-local", "a: !foo 1\n", "GN110", 1, 4, "tags are not allowed"),
    ("A12-bare", "a: ! 1\n", "GN110", 1, 4, "tags are not allowed"),
    ("A12-handle", "a: !e!foo 1\n", "GN110", 1, 4, "tags are not allowed"),
    ("A12-mapping", "a: !!map {b: 1}\n", "GN110", 1, 4, "tags are not allowed"),
    ("A13-bomb", "a: &a [x, x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
     "GN110", 1, 4, "anchors are not allowed"),
    ("A14-merge", "a: &a {x: 1}\nb: {<<: [*a, *a]}\n", "GN110", 1, 4, "anchors are not allowed"),
    ("A15-self", "a: &a [*a]\n", "GN110", 1, 4, "begins with '&a'"),
    ("A16-flow", "a: " + "[" * 1_000_000, "GN112", 1, 67, "nested more than 64 levels"),
    ("A16-mapping", "a: " + "{b: " * 300, "GN112", 1, 256, "level 65"),
    ("A16-block", "".join(f"{' ' * n}a:\n" for n in range(80)), "GN112", 65, 65, "level 65"),
    ("A16-dashes", "- " * 400_000, "GN112", 1, 129, "nested more than 64 levels"),
    ("A16-questions", "? " * 400_000, "GN112", 1, 129, "nested more than 64 levels"),
    ("A17-comment", "#" + "x" * (1 << 20), "GN112", None, None, "larger than 1024 KiB"),
    ("A17-wide", "# " + "\u00e4" * (1 << 19), "GN112", None, None, "larger than 1024 KiB"),
    ("A17-values", "a: [" + "1," * 100_001 + "]", "GN112", 1, 200_005, "more than 100000 values"),
    ("A18-two", "a: 1\n---\nb: 2\n", "GN114", 2, 1, "a second document"),
    ("A18-ended", "a: 1\n...\nb: 2\n", "GN101", 3, 1, "text after the end of the spec"),
    ("A19-nul", "a: 1\nb: \x00\n", "GN113", 2, 4, "control character U+0000"),
    ("A19-escape", "a: '\x1b[31m'\n", "GN113", 1, 5, "control character U+001B"),
    ("A19-delete", "a: b\x7f\n", "GN113", 1, 5, "control character U+007F"),
    ("A19-half", "a: '\ud800'\n", "GN113", 1, 5, "half character U+D800"),
    ("A19-mark-inside", "a: b\ufeff\n", "GN113", 1, 5, "byte order mark U+FEFF"),
    ("A19-half-escape", 'a: "\\ud800"\n', "GN113", 1, 7, "stands for no character"),
    ("A19-nul-escape", 'a: "\\0"\n', "GN113", 1, 4, "stands for no character"),
    ("A19-huge-escape", 'a: "\\UFFFFFFFF"\n', "GN113", 1, 7, "stands for no character"),
    ("A20-digits", "seed: " + "1" * 5000, "GN112", 1, 7, "a whole number of 5000 digits"),
    ("A20-negative", "seed: -1234567890123456789\n", "GN112", 1, 7, "at most 18 digits"),
    ("A21-int", 'a: !!int "_"\n', "GN110", 1, 4, "tags are not allowed"),
    ("A21-bool", "a: !!bool abc\n", "GN110", 1, 4, "tags are not allowed"),
    ("A21-timestamp", "a: !!timestamp abc\n", "GN110", 1, 4, "tags are not allowed"),
    ("A22-list", "[a]: 1\n", "GN111", 1, 1, "a key that is not text"),
    ("A22-mapping", "{a: 1}: 1\n", "GN111", 1, 1, "a key that is not text"),
    ("A22-null", "~: 1\n", "GN111", 1, 1, "a key that is not text"),
    ("A22-number", "layers: {1: Tanh}\n", "GN111", 1, 10, "a key that is not text"),
    ("A22-explicit", "? [a, b]\n: 1\n", "GN111", 1, 3, "a key that is not text"),
    ("A23-crlf", "a: 1\r\nb: [\r\nc: 2\r\n", "GN101", 2, 4, "the text ends on line 3"),
    ("A23-cr", "a: 1\rb: 2\ra: 3\r", "GN103", 3, 1, "already given on line 1"),
    ("A23-line-separator", "a: 'x\u2028y'\nb: @\n", "GN101", 2, 4, "cannot begin with '@'"),
    ("A23-in-comment", "# x\u2028 y: 1\n\x85: 2\na: @\n", "GN101", 3, 4, "cannot begin with '@'"),
    ("A23-trailing", "a: 1   \nb: 2   \na: 3\n", "GN103", 3, 1, "already given on line 1"),
    ("A26-undefined", "a: *nothing\n", "GN110", 1, 4, "aliases are not allowed"),
    ("A26-twice", "a: &x 1\nb: &x 2\n", "GN110", 1, 4, "anchors are not allowed"),
    ("A-directive", "%YAML 1.1\n---\na: 1\n", "GN110", 1, 1, "directives are not allowed"),
    ("A-unknown-directive", "%FOO\n---\na: 1\n", "GN110", 1, 5, "directives are not allowed"),
    ("A-colon", "a: b: c\n", "GN101", 1, 5, "a ':' where no key can stand"),
    ("A-indentation", "a:\n  b: 1\n c: 2\n", "GN101", 3, 2, "does not fit its surroundings"),
    ("A-dash", "a:\n  - b\n  c: 1\n", "GN101", 3, 3, "begins without '-'"),
    ("A-escape", 'a: "\\q"\n', "GN101", 1, 5, "an unknown escape"),
    ("A-colon-in-list", "a: [b:,c]\n", "GN101", 1, 6, "a ':' inside a value in brackets"),
    ("A-percent", "a: %x\n", "GN101", 1, 4, "cannot begin with '%'"),
]
# fmt: on


@pytest.fixture(autouse=True)
def limited_time() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        pytest.fail(f"more than {SECONDS} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "phrase"),
    [pytest.param(*case[1:], id=case[0]) for case in TEXTS],
)
def test_bad_text(text: str, code: str, line: int | None, column: int | None, phrase: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        read_text(text, "bad.yaml")
    error = caught.value
    assert (error.code, error.line, error.column) == (code, line, column)
    assert error.file == "bad.yaml"
    assert phrase in str(error)
    assert error.exit_code == 1


# Row, bytes, code, line, column, phrase.
# fmt: off
BYTES: list[tuple[str, bytes, str, int | None, int | None, str]] = [
    ("A19-utf16", "a: 1\n".encode("utf-16"), "GN113", None, None, "written in UTF-16"),
    ("A19-utf16-be", b"\xfe\xff\x00a", "GN113", None, None, "written in UTF-16"),
    ("A19-utf32", "a: 1\n".encode("utf-32"), "GN113", None, None, "written in UTF-32"),
    ("A19-utf16-bare", "a: 1\n".encode("utf-16-le"), "GN113", 1, 2, "the file may be UTF-16"),
    ("A19-latin1", b"a: 1\nb: caf\xe9\n", "GN113", 2, 7, "byte 0xE9 at offset 11"),
    ("A19-latin1-bom", b"\xef\xbb\xbfa: \xff\n", "GN113", 1, 4, "byte 0xFF at offset 3"),
    ("A19-cut", b"a: \xe2\x82", "GN113", 1, 4, "byte 0xE2 at offset 3"),
    ("A19-surrogate", b"a: \xed\xa0\x80", "GN113", 1, 4, "not UTF-8"),
    ("A17-bytes", b"#" * ((1 << 20) + 1), "GN112", None, None, "larger than 1024 KiB"),
    ("A01-bytes", b"", "GN102", None, None, "the spec is empty"),
    ("A-binary", bytes(range(256)), "GN113", None, None, "a binary file, not a spec"),
]
# fmt: on


@pytest.mark.parametrize(
    ("content", "code", "line", "column", "phrase"),
    [pytest.param(*case[1:], id=case[0]) for case in BYTES],
)
def test_bad_bytes(
    tmp_path: Path, content: bytes, code: str, line: int | None, column: int | None, phrase: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(GraphNetError) as caught:
        load_spec(path)
    error = caught.value
    assert (error.code, error.line, error.column) == (code, line, column)
    assert phrase in str(error)


DEEP = "a: " + "[" * 63 + "]" * 63
WIDE = "a: [" + "1," * 99_997 + "]\nb: 2\n"
FULL = "a: 1 #" + "x" * ((1 << 20) - 6)


@pytest.mark.parametrize("text", [DEEP, WIDE, FULL], ids=["deep", "wide", "full"])
def test_limits_are_reached(text: str) -> None:
    assert read_text(text, "f").keys["a"].column == 1


@pytest.mark.parametrize(
    "text", [DEEP.replace("[", "[[", 1), WIDE + "c: 3\n", FULL + "x"], ids=["deep", "wide", "full"]
)
def test_limits_are_not_passed(text: str) -> None:
    with pytest.raises(GraphNetError, match=r"nested|values|larger") as caught:
        read_text(text, "f")
    assert caught.value.code == "GN112"


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "marked.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    root, text = read_file(path)
    assert text == "a: 1\n"
    assert (root.keys["a"].line, root.keys["a"].column) == (1, 1)


def test_all_problems_of_single_values_are_reported_at_once() -> None:
    with pytest.raises(SpecErrors) as caught:
        read_text("a: &x 1\na: 2\n3: 4\nb: !t 5\nc: 1234567890123456789\nd: @\n", "f")
    found = [(problem.code, problem.line) for problem in caught.value.problems]
    assert found == [
        ("GN110", 1),
        ("GN103", 2),
        ("GN111", 3),
        ("GN110", 4),
        ("GN112", 5),
        ("GN101", 6),
    ]


def test_a24_missing(tmp_path: Path) -> None:
    with pytest.raises(GraphNetError) as caught:
        load_spec(tmp_path / "none.yaml")
    assert (caught.value.code, caught.value.exit_code) == ("GN505", 4)


def test_a24_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GraphNetError) as caught:
        load_spec(tmp_path / "file" / "spec.yaml")
    assert caught.value.code == "GN505"


def test_a24_directory(tmp_path: Path) -> None:
    with pytest.raises(GraphNetError, match="is a directory") as caught:
        load_spec(tmp_path)
    assert (caught.value.code, caught.value.exit_code) == ("GN504", 4)


def test_a24_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GraphNetError, match="is a pipe") as caught:
        load_spec(tmp_path / "pipe")
    assert caught.value.code == "GN504"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a24_device(device: str) -> None:
    with pytest.raises(GraphNetError, match="is a device") as caught:
        load_spec(device)
    assert caught.value.code == "GN504"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a24_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(GraphNetError) as caught:
        load_spec(path)
    assert (caught.value.code, caught.value.exit_code) == ("GN502", 4)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "loop"])
def test_a24_impossible_paths(tmp_path: Path, name: str) -> None:
    if name == "loop":
        (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(GraphNetError) as caught:
        load_spec(f"{tmp_path}/{name}")
    assert caught.value.code in {"GN503", "GN505"}
    assert caught.value.exit_code == 4
