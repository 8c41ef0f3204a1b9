"""A place to run commands in, with a small spec, and the commands themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import TINY, Command
from resuming import without_waiting


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of its own that holds `tiny.yaml`, without wishes about colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    without_waiting(monkeypatch)
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run commands in this process."""
    return Command(capsys)


@pytest.fixture
def trained(cli: Command, place: Path) -> Path:
    """Return the directory of a finished run of `tiny.yaml`."""
    cli.good("train", "tiny.yaml", "--run-dir", "done", "--no-plots")
    return place / "done"
