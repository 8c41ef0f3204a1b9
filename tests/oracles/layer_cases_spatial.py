"""Cases of layers that slide along axes, pad or resize them."""

from __future__ import annotations

from layer_case import LayerCases
from layer_cases_conv import CONV
from layer_cases_pool import POOL

SPATIAL: dict[str, LayerCases] = {**CONV, **POOL}
