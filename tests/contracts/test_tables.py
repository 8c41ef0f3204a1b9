"""Tables are complete: every op has a kernel, every row says what it is, every package is documented."""

import re
from pathlib import Path

import pytest

from graphnet.backend import KERNELS
from graphnet.declare import Entry
from graphnet.initializers import INITIALIZERS
from graphnet.ir import TensorType
from graphnet.layers import LAYERS, PARAMETRIZATIONS
from graphnet.losses import LOSSES, REGULARIZERS
from graphnet.metrics import METRICS
from graphnet.ops import NOT_DIFFERENTIABLE, OPS
from graphnet.optimizers import CONSTRAINTS, OPTIMIZERS
from graphnet.schedulers import SCHEDULERS

ROOT = Path(__file__).parents[2]
TABLES = {
    "layers": LAYERS,
    "parametrizations": PARAMETRIZATIONS,
    "losses": LOSSES,
    "regularizers": REGULARIZERS,
    "constraints": CONSTRAINTS,
    "optimizers": OPTIMIZERS,
    "schedulers": SCHEDULERS,
    "initializers": INITIALIZERS,
    "metrics": METRICS,
}
ROWS = [
    pytest.param(row, id=f"{kind}-{name}")
    for kind, table in TABLES.items()
    for name, row in table.items()
]


def test_every_op_has_a_kernel_and_no_kernel_is_left_over() -> None:
    assert set(KERNELS) == set(OPS)


@pytest.mark.parametrize("name", OPS)
def test_every_op_has_adjoint_rules_or_is_listed_as_having_none(name: str) -> None:
    op = OPS[name]
    assert op.name == name
    assert op.formula
    if name in NOT_DIFFERENTIABLE:
        assert op.adjoint is None
    else:
        assert op.adjoint
        assert set(op.adjoint) <= {role.lstrip("*") for role in op.operands}


def test_what_is_listed_as_not_differentiable_exists() -> None:
    assert set(OPS) >= NOT_DIFFERENTIABLE


@pytest.mark.parametrize("row", ROWS)
def test_rows_say_what_they_are(row: type[Entry]) -> None:
    first = (row.__doc__ or "").strip().splitlines()[0]
    assert first.endswith((".", "`."))
    for setting in row.settings().values():
        assert setting.doc
        assert setting.kind.describe()
        assert (
            setting.required
            or setting.default is None
            or setting.kind.parse(setting.default) is not None
        )


@pytest.mark.parametrize(
    "package", sorted(path.parent.name for path in ROOT.glob("graphnet/*/__init__.py"))
)
def test_every_package_stands_in_the_architecture(package: str) -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    assert re.search(rf"`{package}/`", text), f"docs/architecture.md does not tell of {package}/"


def test_types_print_as_documents_show_them() -> None:
    assert str(TensorType((3, 2), "float64")) == "float64[3, 2]"
