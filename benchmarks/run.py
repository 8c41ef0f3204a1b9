"""Run every benchmark and write RESULTS.md: `make bench`."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np

from benchmarks.loop import outside_share
from benchmarks.measure import graphnet_step, in_turns, torch_step
from benchmarks.networks import WORKLOADS
from benchmarks.startup import startup

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure, print, and write the results."""
    import torch

    lines = [
        "# Results",
        "",
        "Written by `make bench`. Compare ratios, which were measured side by side in one process and in "
        "turns; absolute times belong to the machine of the day.",
        "",
        f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch {torch.__version__} "
        f"with {torch.get_num_threads()} threads.",
        "",
        "## One training step (forward, loss, backward, AdamW)",
        "",
        "| network | graphnet | PyTorch eager | ratio | PyTorch fused AdamW | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for workload in WORKLOADS:
        step, _ = graphnet_step(workload)
        steps = {
            "graphnet": step,
            "torch": torch_step(workload, fused=False),
            "fused": torch_step(workload, fused=True),
        }
        times = in_turns(steps, workload.steps)
        ours, eager, fused = times["graphnet"], times["torch"], times["fused"]
        lines.append(
            f"| {workload.name}: {workload.about} | {_time(ours)} | {_time(eager)} | "
            f"{ours / eager:.3f} | {_time(fused)} | {ours / fused:.3f} |"
        )
        print(lines[-1], flush=True)
    share, update = outside_share()
    slow, bare = startup()
    lines += [
        "",
        "## Around the step",
        "",
        "| what | measured | target |",
        "|---|---|---|",
        f"| specs/mlp.yaml, 1000 epochs: share of the run outside the lists | {share:.0%} | under 20% |",
        f"| the same, everything included, per update | {_time(update)} | |",
        f"| `graphnet --help` beside a bare `import click` | {_time(slow)} / {_time(bare)} = "
        f"{slow / bare:.2f} | at most 2.5 |",
        "| a step of seed_mlp beside PyTorch eager | see above | at most 0.08 |",
    ]
    RESULTS.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines[-6:]))


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} us"
    return f"{seconds * 1e3:.2f} ms"


if __name__ == "__main__":
    main()
