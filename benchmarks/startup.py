"""Measure how long `graphnet --help` takes beside a bare `import click`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 21


def startup() -> tuple[float, float]:
    """Return seconds of `graphnet --help` and of `import click`, medians of runs in turns."""
    commands = {
        "help": [sys.executable, "-m", "graphnet", "--help"],
        "click": [sys.executable, "-c", "import click"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times[name].append(time.perf_counter() - began)
    return statistics.median(times["help"]), statistics.median(times["click"])
