"""`graphnet bench`: time per training step, samples per second, memory."""

from __future__ import annotations

import click

from graphnet.cli.options import NearChoice, Output, output_options, settings_option


@click.command("bench")
@click.argument("spec")
@click.option(
    "--against", type=NearChoice(("torch",)), help="Time the same network in PyTorch too."
)
@click.option("--batch-size", type=click.IntRange(1), help="Samples in a step  [the spec's]")
@click.option(
    "--threads", type=click.IntRange(1, 1024), default=1, help="Threads of the products  [1]"
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, 60, min_open=True),
    default=0.2,
    help="Length of a round; there are seven  [0.2]",
)
@settings_option
@output_options
def command(
    spec: str,
    against: str | None,
    batch_size: int | None,
    threads: int,
    seconds: float,
    overrides: dict[str, str],
    output: Output,
) -> None:
    """Time training steps of SPEC on random data: forward, loss, backward, update.

    Sides take turns, so that their ratio says more than the times, which are those of the moment.
    """
    from graphnet.cli.console import Voice
    from graphnet.cli.sources import refuse_program
    from graphnet.cli.threads import request_threads
    from graphnet.errors import counted

    refuse_program(spec)
    voice = Voice(output)
    request_threads(threads)
    from graphnet.api import benchmark

    found = benchmark(
        spec, overrides=overrides, batch_size=batch_size, against_torch=against is not None,
        threads=threads, seconds=seconds,
    )  # fmt: skip
    voice.result(found)
    table = voice.table(
        [("side", "left"), ("step", "right"), ("samples/second", "right"), ("ratio", "right")]
    )
    sides = [name for name in ("graphnet", "torch") if name in found]
    for name in sides:
        side = found[name]
        ratio = side["seconds"] / found["graphnet"]["seconds"]
        version = f" {found['versions']['torch']}" if name == "torch" else ""
        table.add_row(
            f"{name}{version}", _time(side["seconds"]), f"{side['samples_per_second']:,.0f}",
            f"{ratio:.2f}",
        )  # fmt: skip
    voice.say(table)
    place = f"batch {found['batch']}, {counted(found['threads'], 'thread')}"
    voice.say(f"{place}; graphnet allocates {found['memory_bytes']:,} bytes, once")
    if found.get("loss_difference") is not None:
        voice.say(f"both sides compute the same first loss, to {found['loss_difference']:.1e}")
    voice.next("inspect", spec, "--profile")


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"
