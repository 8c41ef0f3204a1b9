"""Passes: changes of an instruction list that keep its results."""

from graphnet.passes.alias_views import AliasViews as AliasViews
from graphnet.passes.base import Pass as Pass
from graphnet.passes.block_update import BlockUpdate as BlockUpdate
from graphnet.passes.dead_code import DeadCode as DeadCode
from graphnet.passes.fold_constants import FoldConstants as FoldConstants
from graphnet.passes.in_place import InPlace as InPlace
from graphnet.passes.pipeline import PIPELINE as PIPELINE
from graphnet.passes.pipeline import run_pipeline as run_pipeline
from graphnet.passes.sink_permutes import SinkPermutes as SinkPermutes
from graphnet.passes.sum_rows import SumRows as SumRows
