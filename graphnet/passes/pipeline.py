"""The pipeline: all passes in order, each verified before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphnet.errors import InternalError
from graphnet.ir import InstructionList, VerificationError, verify
from graphnet.ops import OPS
from graphnet.passes.alias_views import AliasViews
from graphnet.passes.base import Pass
from graphnet.passes.block_update import BlockUpdate
from graphnet.passes.dead_code import DeadCode
from graphnet.passes.fold_constants import FoldConstants
from graphnet.passes.in_place import InPlace
from graphnet.passes.sink_permutes import SinkPermutes
from graphnet.passes.sum_rows import SumRows

PIPELINE: tuple[Pass, ...] = (
    SinkPermutes(),
    DeadCode(),
    AliasViews(),
    FoldConstants(),
    SumRows(),
    BlockUpdate(),
    InPlace(),
    DeadCode(),
)

Watcher = Callable[[str, InstructionList], None]


def run_pipeline(
    listing: InstructionList,
    passes: Sequence[Pass] = PIPELINE,
    watch: Watcher | None = None,
) -> InstructionList:
    """Apply passes one after the other.

    Args:
        listing: The list as lowered.
        passes: What to apply, in order.
        watch: Called with the name of each pass and its result.

    Raises:
        InternalError: When a list does not verify; names the pass that broke it.
    """
    _verified(listing, "lowering")
    for step in passes:
        changed = step.apply(listing)
        if changed != listing:
            _verified(changed, step.name)
        listing = changed
        if watch is not None:
            watch(step.name, listing)
    return listing


def _verified(listing: InstructionList, stage: str) -> None:
    try:
        verify(listing, OPS)
    except VerificationError as error:
        raise InternalError("GN902", f"{stage} made a wrong instruction list: {error}") from error
