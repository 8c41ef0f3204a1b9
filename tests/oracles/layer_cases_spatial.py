"""Cases of layers that slide along axes, pad or resize them."""

from __future__ import annotations

from layer_case import LayerCases
from layer_cases_adaptive import ADAPTIVE
from layer_cases_conv import CONV
from layer_cases_fractional import FRACTIONAL
from layer_cases_pad import PAD
from layer_cases_pool import POOL
from layer_cases_resize import RESIZE

SPATIAL: dict[str, LayerCases] = {**CONV, **POOL, **ADAPTIVE, **FRACTIONAL, **PAD, **RESIZE}
