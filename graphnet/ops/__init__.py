"""The op table: symbolic primitives with shapes, adjoints and scratch. No arrays."""

from graphnet.ops.adjoint import Adjoint as Adjoint
from graphnet.ops.compose import root as root
from graphnet.ops.emitter import Emitter as Emitter
from graphnet.ops.emitter import renamed as renamed
from graphnet.ops.op import Op as Op
from graphnet.ops.op import OpError as OpError
from graphnet.ops.table import NOT_DIFFERENTIABLE as NOT_DIFFERENTIABLE
from graphnet.ops.table import OPS as OPS
from graphnet.ops.value import Value as Value
