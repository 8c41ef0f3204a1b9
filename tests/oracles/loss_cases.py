"""Every loss with cases to try it on; a new loss without cases fails the tests of the table."""

from __future__ import annotations

from loss_case import LossCase, LossCases
from loss_cases_classes import CLASSES
from loss_cases_ctc import CTC
from loss_cases_embeddings import EMBEDDINGS
from loss_cases_margins import MARGINS
from loss_cases_numbers import NUMBERS

LOSS_CASES: dict[str, LossCases] = {**CLASSES, **NUMBERS, **MARGINS, **EMBEDDINGS, **CTC}
"""All cases by loss; each family has a file of its own."""

EACH_LOSS: list[tuple[str, int, LossCase]] = [
    (kind, number, case)
    for kind, cases in LOSS_CASES.items()
    for number, case in enumerate(cases.cases)
]
"""Every case with its loss and number, to parametrise tests over."""

LOSS_LABELS = [f"{kind}-{number}" for kind, number, _ in EACH_LOSS]
