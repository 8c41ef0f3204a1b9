"""Every initializer, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.initializers.basic import Constant, Normal, Ones, Uniform, Zeros
from graphnet.initializers.initializer import Initializer
from graphnet.initializers.scaled import KaimingNormal, KaimingUniform, XavierNormal, XavierUniform

INITIALIZERS: Table[Initializer] = Table(
    "initializer",
    [
        Zeros,
        Ones,
        Constant,
        Uniform,
        Normal,
        KaimingUniform,
        KaimingNormal,
        XavierUniform,
        XavierNormal,
    ],
)
