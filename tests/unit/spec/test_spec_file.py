from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from graphnet.errors import ResourceError, SpecError, UsageError
from graphnet.spec import load_spec, plain_of, read_file

SPEC = "graphnet: 1\ninputs: {x: {shape: [2]}}\nlayers: {tanh1: Tanh}\n"


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


def standard_input(monkeypatch: pytest.MonkeyPatch, stream: io.BytesIO) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream, encoding="ascii"))


def test_path_and_text(tmp_path: Path) -> None:
    path = tmp_path / "a b\n'.yaml"
    path.write_text(SPEC, encoding="utf-8")
    root, text = read_file(path)
    assert text == SPEC
    assert plain_of(root)["graphnet"] == 1
    assert root.position.file == str(path)


def test_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    assert load_spec(tmp_path / "link.yaml").name == "link"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, io.BytesIO(SPEC.encode()))
    spec = load_spec("-")
    assert spec.name == "network"
    assert spec.layers[0].where is not None
    assert spec.layers[0].where.file == "<stdin>"


def test_standard_input_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO(b"#" * (3 << 20))
    standard_input(monkeypatch, stream)
    with pytest.raises(SpecError, match="larger than 1024 KiB"):
        load_spec("-")
    assert stream.tell() <= (1 << 20) + 1


def test_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, Terminal(SPEC.encode()))
    with pytest.raises(UsageError, match="standard input") as caught:
        load_spec("-")
    assert (caught.value.code, caught.value.exit_code) == ("GN740", 2)


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError):
        load_spec("-")


def test_failing_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    standard_input(monkeypatch, Broken())
    with pytest.raises(ResourceError, match="input/output error") as caught:
        load_spec("-")
    assert caught.value.code == "GN503"


def test_failing_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SPEC, encoding="utf-8")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ResourceError, match="permission denied") as caught:
        load_spec(tmp_path / "a.yaml")
    assert caught.value.code == "GN502"
