"""Write generated samples to a csv file: `python -m graphnet.data curve --samples 400 -o FILE`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from graphnet.data.generators import GENERATORS, write_csv
from graphnet.recipe import GENERATORS as KNOWN


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, generate, write."""
    parser = argparse.ArgumentParser(prog="python -m graphnet.data", description=__doc__)
    flat = [name for name, known in KNOWN.items() if not any(known.columns({}).values())]
    parser.add_argument("generator", choices=flat)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    columns = GENERATORS[chosen.generator](chosen.samples, chosen.noise, chosen.seed)
    write_csv(columns, chosen.output)


if __name__ == "__main__":
    main()
