"""Every layer type with cases to try it on; a new type without cases fails the tests of the table."""

from __future__ import annotations

from layer_case import LayerCase, LayerCases
from layer_cases_activation import ACTIVATIONS
from layer_cases_algebra import ALGEBRA
from layer_cases_attention import ATTENTION
from layer_cases_basic import BASIC
from layer_cases_math import MATH
from layer_cases_moves import MOVES
from layer_cases_norm import NORMS
from layer_cases_recurrent import RECURRENT
from layer_cases_softmax import SOFTMAX
from layer_cases_spatial import SPATIAL
from layer_cases_stacks import STACKS
from layer_cases_structure import STRUCTURE

LAYER_CASES: dict[str, LayerCases] = {
    **BASIC,
    **ATTENTION,
    **ACTIVATIONS,
    **MATH,
    **MOVES,
    **ALGEBRA,
    **NORMS,
    **RECURRENT,
    **SOFTMAX,
    **SPATIAL,
    **STACKS,
    **STRUCTURE,
}
"""All cases by layer type; each family has a file of its own."""

EACH_LAYER: list[tuple[str, int, LayerCase]] = [
    (kind, number, case)
    for kind, cases in LAYER_CASES.items()
    for number, case in enumerate(cases.cases)
]
"""Every case with its type and number, to parametrise tests over."""

LAYER_LABELS = [f"{kind}-{number}" for kind, number, _ in EACH_LAYER]
