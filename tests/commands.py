"""Run graphnet as users do: in this process where that will do, in one of its own where it matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

TINY = """\
graphnet: 1
name: tiny
description: three numbers learn to tell two moons apart
seed: 7
inputs:
  point: {shape: [2]}
targets:
  label: {shape: [1]}
layers:
  linear1: {type: Linear, out_features: 3}
  tanh1: Tanh
  linear2: {type: Linear, out_features: 1}
loss: BCEWithLogitsLoss
metrics: [accuracy, confusion]
optimizer: {type: AdamW, lr: 0.05}
data:
  train: {generator: moons, samples: 40, noise: 0.1, seed: 1}
  test: {generator: moons, samples: 20, noise: 0.1, seed: 2}
training: {epochs: 4, batch_size: 8}
"""
"""A spec that needs no file: 4 epochs of 5 updates."""

LONG = TINY.replace("epochs: 4", "epochs: 1000000")
"""The same, but it does not end by itself."""


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The only JSON document on stdout."""
        return json.loads(self.out)


class Command:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Result:
        from graphnet.cli.main import run

        self._capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        return Result(code, said.out, said.err)

    def good(self, *arguments: object) -> Result:
        """Run a command that must succeed."""
        result = self(*arguments)
        assert result.code == 0, result.err
        return result


def environment(**changes: str) -> dict[str, str]:
    """Return the environment without what decides about colours, and with some changes."""
    decisive = ("NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "PYTHONWARNINGS")
    kept = {key: value for key, value in os.environ.items() if key not in decisive}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


LISTEN = "import signal; [signal.signal(n, signal.SIG_DFL) for n in (1, 2, 15)]"
"""Undoes what a shell does to the signals of background jobs."""


def limit(kind: str, value: int) -> str:
    """Return code that sets a limit of a process."""
    return f"import resource; resource.setrlimit(resource.{kind}, ({value}, {value}))"


def command_line(
    arguments: tuple[object, ...], flags: tuple[str, ...] = (), before: str = ""
) -> list[str]:
    """Return how graphnet is called.

    Args:
        arguments: Of graphnet.
        flags: Of Python.
        before: Code that runs in the same process before Python is started for graphnet.
    """
    command = [sys.executable, *flags, "-m", "graphnet", *map(str, arguments)]
    if not before:
        return command
    code = f"import os, sys; {before}; os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-S", "-c", code, *command]


def process(
    *arguments: object,
    flags: tuple[str, ...] = (),
    before: str = "",
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> Result:
    """Run a command in a process of its own, to its end."""
    ended = subprocess.run(
        command_line(arguments, flags, before),
        env=dict(env or environment()),
        check=False,
        timeout=120,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )
    said = [(text or b"").decode("utf-8", "replace") for text in (ended.stdout, ended.stderr)]
    return Result(ended.returncode, *said)


def start(*arguments: object, before: str = LISTEN, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command and leave it running."""
    usual: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "env": environment(),
    }
    return subprocess.Popen(command_line(arguments, (), before), **{**usual, **options})


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
