"""Threads of the linear algebra library: one for small products, unless something else is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOLD = """\
import os, sys
from graphnet.cli.sources import open_source
open_source("spec.yaml", {})
assert "numpy" not in sys.modules, "too late to choose"
print(os.environ.get("OPENBLAS_NUM_THREADS"))
"""
SPEC = """\
graphnet: 1
inputs: {{x: {{shape: [{size}]}}}}
targets: {{t: {{shape: [{size}]}}}}
layers:
  linear: {{type: Linear, out_features: {size}}}
loss: MSELoss
metrics: [r2]
training: {{batch_size: 64, threads: {threads}}}
"""


@pytest.mark.parametrize(
    ("size", "threads", "given", "chosen"),
    [
        (8, "null", None, "1"),
        (1024, "null", None, "None"),
        (8, "null", "2", "2"),
        (8, "3", None, "3"),
        (8, "3", "2", "3"),
    ],
    ids=["small", "large", "environment", "spec", "spec before environment"],
)
def test_threads(size: int, threads: str, given: str | None, chosen: str, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC.format(size=size, threads=threads), "utf-8")
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    if given is not None:
        environment["OPENBLAS_NUM_THREADS"] = given
    done = subprocess.run(
        [sys.executable, "-c", TOLD],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == chosen
