"""A measured step in the terminal: time per instruction and per layer, rates, calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphnet.api import Profile, Timing
    from graphnet.cli.console import Voice


def profile_document(found: Profile) -> dict[str, Any]:
    """Return what `--format json` tells of a measured step; times in seconds."""
    return {
        "batch_size": found.batch,
        "routine": found.routine,
        "step_seconds": found.step_seconds,
        "sum_seconds": found.seconds,
        "calls": found.calls,
        "rounds": found.rounds,
        "instructions": [
            {
                "index": timing.index,
                "list": timing.phase,
                "op": timing.op,
                "layer": timing.layer,
                "seconds": timing.seconds,
                "share": _share(timing.seconds, found),
                "flops": timing.flops,
                "bytes": timing.bytes,
                "gflops_per_second": _rate(timing.flops, timing.seconds),
                "gbytes_per_second": _rate(timing.bytes, timing.seconds),
                "calls": timing.calls,
            }
            for timing in found.timings
        ],
        "layers": [
            {"layer": name, "seconds": seconds, "share": _share(seconds, found)}
            for name, seconds in found.layers().items()
        ],
    }


def say_profile(voice: Voice, found: Profile) -> None:
    """Print both tables and how well they add up to the step."""
    from graphnet.api import time_text

    table = voice.table(
        [
            ("", "right"),
            ("instruction", "left"),
            ("layer", "left"),
            ("time", "right"),
            ("share", "right"),
            ("GFLOP/s", "right"),
            ("GB/s", "right"),
            ("calls", "right"),
        ]
    )
    phase = ""
    for timing in found.timings:
        if timing.phase != phase:
            if phase:
                table.add_section()
            phase = timing.phase
        table.add_row(*_cells(timing, found))
    table.add_section()
    rates = _rates(found.timings, found.seconds)
    table.add_row("", "all", "", time_text(found.seconds), "", *rates, f"{found.calls:,}")
    voice.say(table)
    _say_layers(voice, found)
    step = "training step" if found.routine == "train" else "prediction"
    voice.say(
        f"one {step} with {found.batch} samples: {time_text(found.step_seconds)}, {found.calls} calls; "
        f"instructions add up to {found.seconds / max(found.step_seconds, 1e-12):.1%} of it"
    )
    voice.say(f"means of the fastest quarter of {found.rounds:,} steps on random numbers")


def _say_layers(voice: Voice, found: Profile) -> None:
    from graphnet.api import time_text

    table = voice.table(
        [
            ("layer", "left"),
            ("time", "right"),
            ("share", "right"),
            ("GFLOP/s", "right"),
            ("GB/s", "right"),
            ("calls", "right"),
        ]
    )
    for name, seconds in found.layers().items():
        own = found.of_layer(name)
        share = f"{_share(seconds, found):.1%}"
        calls = sum(timing.calls for timing in own)
        shown = name.removeprefix(":")
        table.add_row(shown, time_text(seconds), share, *_rates(own, seconds), f"{calls:,}")
    voice.say(table)


def _cells(timing: Timing, found: Profile) -> tuple[str, ...]:
    from graphnet.api import time_text

    return (
        str(timing.index),
        timing.op,
        timing.layer,
        time_text(timing.seconds),
        f"{_share(timing.seconds, found):.1%}",
        *_rates([timing], timing.seconds),
        f"{timing.calls:,}",
    )


def _rates(timings: Iterable[Timing], seconds: float) -> tuple[str, str]:
    """Return achieved GFLOP/s and GB/s as they are shown."""
    own = list(timings)
    counts = (sum(timing.flops for timing in own), sum(timing.bytes for timing in own))
    rates = [_rate(count, seconds) for count in counts]
    flops, moved = (f"{rate:.3g}" if rate else "" for rate in rates)
    return flops, moved


def _rate(count: int, seconds: float) -> float | None:
    """Return billions a second; None where nothing was measured."""
    return count / seconds / 1e9 if seconds > 0 else None


def _share(seconds: float, found: Profile) -> float:
    return seconds / found.seconds if found.seconds else 0.0
