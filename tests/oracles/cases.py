"""Every op with cases to try it on; a new op without cases fails the tests of the table."""

from __future__ import annotations

from cases_arrays import ARRAYS
from cases_ctc import CTC
from cases_functions import FUNCTIONS
from cases_pointwise import POINTWISE
from cases_regions import REGIONS
from cases_resampling import RESAMPLING
from cases_scan import SCANS
from cases_selection import SELECTION
from cases_sequences import SEQUENCES
from cases_targets import TARGETS
from cases_windows import WINDOWS
from samples import Case, Cases

CASES: dict[str, Cases] = {
    **POINTWISE,
    **FUNCTIONS,
    **SCANS,
    **ARRAYS,
    **SELECTION,
    **SEQUENCES,
    **TARGETS,
    **CTC,
    **WINDOWS,
    **REGIONS,
    **RESAMPLING,
}
"""All cases by op."""

EACH: list[tuple[str, int, Case]] = [
    (op, number, case)
    for op, cases in CASES.items()
    for number, case in enumerate(cases.cases, start=1)
]
"""Every case with its op and its number there, to parametrise tests over."""

LABELS = [f"{op}-{number}" for op, number, _ in EACH]
