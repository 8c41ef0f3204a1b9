"""Walk PyTorch's own database of modules: what graphnet has is compared, what it has not is told why.

docs/coverage.md is what comes out; a module or a sample less makes it differ. `make coverage` writes it anew.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

if not torch.__version__.startswith("2.13."):
    pytest.skip("the database is that of PyTorch 2.13", allow_module_level=True)
pytest.importorskip("expecttest", reason="PyTorch's database of modules needs it")

from module_comparison import compare  # noqa: E402 - only where torch is there
from module_samples import NO_COUNTERPART, LeftOut, modules, samples_of  # noqa: E402

PAGE = Path(__file__).parents[2] / "docs/coverage.md"
HEAD = """\
# Coverage of torch.nn

PyTorch keeps a database of its modules for tests of its own
(`torch.testing._internal.common_modules.module_db`, here that of 2.13.0). `make oracle` walks it: every
sample that graphnet has a layer or loss for is computed in both, in float64, in training and in evaluation:
results, gradients of parameters and inputs, and running statistics agree to 1e-9. What is left out says why.
This page is written by `make coverage`; a test fails where it is not what comes out.
"""


@dataclass
class Found:
    """What came of one module."""

    compared: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All its samples."""
        return self.compared + self.reasons.total()


def walked(name: str, entry: Any) -> Found:
    found = Found()
    if name in NO_COUNTERPART:
        found.reasons[NO_COUNTERPART[name]] = 1
        return found
    for sample in samples_of(entry):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compare(sample)
        except LeftOut as error:
            found.reasons[error.reason] += 1
        else:
            found.compared += 1
    return found


def page(found: dict[str, Found]) -> str:
    done = [name for name, one in found.items() if one.compared]
    compared, total = (
        sum(getattr(one, key) for one in found.values()) for key in ("compared", "total")
    )
    rows = [
        f"| {name} | {one.compared} | {one.total} | "
        + "; ".join(
            f"{reason}{f' ({n})' if n > 1 else ''}" for reason, n in sorted(one.reasons.items())
        )
        + " |"
        for name, one in sorted(found.items())
    ]
    head = (
        f"**{len(done)} of {len(found)} modules, {compared} of {total} samples.**\n\n"
        "| module | compared | of | left out, and why |\n|---|---|---|---|\n"
    )
    return f"{HEAD}\n{head}" + "\n".join(rows) + "\n"


def test_every_module_agrees_or_says_why_not(request: pytest.FixtureRequest) -> None:
    text = page({name: walked(name, entry) for name, entry in modules().items()})
    if request.config.getoption("--update-golden"):
        PAGE.write_text(text, "utf-8")
    assert text == PAGE.read_text("utf-8"), "if no module or sample is lost: make coverage"
