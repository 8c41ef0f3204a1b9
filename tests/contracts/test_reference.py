"""docs/language.md ends with a reference of every table; `make reference` writes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphnet.cli.list_command import entries

PAGE = Path(__file__).parents[2] / "docs/language.md"
BEGIN = "<!-- what follows is written by `make reference` -->\n"

KINDS = {
    "layers": "Layers",
    "parametrizations": "Parametrizations",
    "losses": "Losses",
    "regularizers": "Regularizers",
    "optimizers": "Optimizers",
    "constraints": "Constraints",
    "schedulers": "Schedulers",
    "initializers": "Initializers",
    "metrics": "Metrics",
}


def reference() -> str:
    parts = ["## Reference\n"]
    for kind, title in KINDS.items():
        parts.append(
            f"### {title}\n\n| type | settings and defaults | what it does |\n|---|---|---|"
        )
        for name, row in entries(kind).items():
            settings = ", ".join(f"`{setting}`" for setting in row["settings"])
            summary = row["summary"].replace("|", "\\|")
            parts.append(f"| **{name}** | {settings} | {summary} |")
        parts.append("")
    return "\n".join(parts)


def test_the_reference_is_that_of_the_tables(request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text("utf-8")
    head, marker, found = page.partition(BEGIN)
    wanted = f"\n{reference()}"
    if request.config.getoption("--update-golden"):
        PAGE.write_text(f"{head}{BEGIN}{wanted}", "utf-8")
        return
    assert marker, "docs/language.md has no place for the reference"
    assert found == wanted, "make reference writes it anew"
