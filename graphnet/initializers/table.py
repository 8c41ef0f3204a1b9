"""Every initializer, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.initializers.basic import Constant, Normal, Ones, TruncNormal, Uniform, Zeros
from graphnet.initializers.initializer import Initializer
from graphnet.initializers.patterns import Bilinear, Dirac, Eye, FromFile, Orthogonal, Sparse
from graphnet.initializers.scaled import (
    KaimingNormal,
    KaimingUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
    XavierNormal,
    XavierUniform,
)

INITIALIZERS: Table[Initializer] = Table(
    "initializer",
    [
        Zeros,
        Ones,
        Constant,
        Uniform,
        Normal,
        TruncNormal,
        KaimingUniform,
        KaimingNormal,
        XavierUniform,
        XavierNormal,
        LecunUniform,
        LecunNormal,
        VarianceScaling,
        Orthogonal,
        Sparse,
        Eye,
        Dirac,
        Bilinear,
        FromFile,
    ],
)
