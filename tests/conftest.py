"""What all tests share: golden texts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

# Before NumPy comes: several test processes share the cores, and threads that wait for each other there
# take a hundred times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

GOLDEN = Path(__file__).parent / "golden"

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the texts of tests/golden anew"
    )


def golden_path(test: str, suffix: str) -> Path:
    """Return the file of a test: `test_listing[mlp]` has `tests/golden/listing/mlp.SUFFIX`."""
    match = re.fullmatch(r"test_(\w+)(?:\[(.+)\])?", test)
    if match is None:
        raise ValueError(f"no golden file can be named after {test!r}")
    return GOLDEN / match[1] / f"{match[2] or match[1]}.{suffix}"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with its golden file, or write it where `--update-golden` is given."""

    def compare(text: str, suffix: str = "txt") -> None:
        path = golden_path(request.node.name, suffix)
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        if not path.is_file():
            pytest.fail(f"{path} is missing: make golden writes it")
        assert text == path.read_text("utf-8"), "if the change is meant: make golden"

    return compare
