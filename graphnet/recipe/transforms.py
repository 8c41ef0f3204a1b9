"""Transforms: what is done to columns of the data before the network sees them.

What a transform must know (a mean, the categories) is learned from the training part alone. Formulas
and defaults are those of sklearn.preprocessing and sklearn.impute. No array is touched here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from graphnet.declare import (
    Choice,
    Either,
    Entry,
    Flag,
    Integer,
    Listed,
    Optional,
    Real,
    Table,
    Text,
    setting,
)

_NAMES = Optional(Either((Text(), Listed(Text()))))
_PER = Choice(("feature", "array"))
_PER_DOC = "learned for each number of a sample by itself, or for the whole array"


@dataclass(frozen=True, kw_only=True)
class Transform(Entry):
    """Base of all transforms."""

    typed: ClassVar[bool] = True
    takes_text: ClassVar[bool] = False
    """Whether it takes columns of words, and so all such columns where none are named."""

    columns: Any = setting(
        _NAMES, None, doc="columns or arrays of the source, `*` for any characters"
    )
    inputs: Any = setting(_NAMES, None, doc="inputs of the spec all of whose columns are meant")
    targets: Any = setting(_NAMES, None, doc="targets of the spec all of whose columns are meant")


@dataclass(frozen=True, kw_only=True)
class Standardize(Transform):
    """(x - mean) / standard deviation; a constant is only shifted."""

    type_name: ClassVar[str] = "standardize"

    with_mean: bool = setting(Flag(), True, doc="subtract the mean")
    with_std: bool = setting(Flag(), True, doc="divide by the standard deviation")
    per: str = setting(_PER, "feature", doc=_PER_DOC)


@dataclass(frozen=True, kw_only=True)
class MinMax(Transform):
    """(x - least) / (greatest - least), from 0 to 1 or to another range."""

    type_name: ClassVar[str] = "min_max"

    low: float = setting(Real(), 0.0, doc="what the least becomes")
    high: float = setting(Real(), 1.0, doc="what the greatest becomes")
    clip: bool = setting(Flag(), False, doc="keep other parts inside the range")
    per: str = setting(_PER, "feature", doc=_PER_DOC)

    def conflict(self) -> str:
        """Refuse a range that is none."""
        return "" if self.low < self.high else "'low' must be below 'high'"


@dataclass(frozen=True, kw_only=True)
class Robust(Transform):
    """(x - median) / (upper - lower quantile): little moved by outliers."""

    type_name: ClassVar[str] = "robust"

    with_centering: bool = setting(Flag(), True, doc="subtract the median")
    with_scaling: bool = setting(Flag(), True, doc="divide by the range of the quantiles")
    lower: float = setting(Real(low=0.0, high=100.0), 25.0, doc="lower quantile, in percent")
    upper: float = setting(Real(low=0.0, high=100.0), 75.0, doc="upper quantile, in percent")
    per: str = setting(_PER, "feature", doc=_PER_DOC)

    def conflict(self) -> str:
        """Refuse a range that is none."""
        return "" if self.lower < self.upper else "'lower' must be below 'upper'"


@dataclass(frozen=True, kw_only=True)
class OneHot(Transform):
    """A column for each category, 1 where it is the value and 0 elsewhere."""

    type_name: ClassVar[str] = "one_hot"
    takes_text: ClassVar[bool] = True

    categories: Any = setting(
        Optional(Listed(Either((Text(), Real())))),
        None,
        doc="the values there are, in order; those of the training part, sorted",
    )
    unknown: str = setting(
        Choice(("error", "ignore")), "error", doc="what other values are: refused, or all zeros"
    )


@dataclass(frozen=True, kw_only=True)
class Ordinal(Transform):
    """The place of the value among the categories, counted from 0."""

    type_name: ClassVar[str] = "ordinal"
    takes_text: ClassVar[bool] = True

    categories: Any = setting(
        Optional(Listed(Either((Text(), Real())))),
        None,
        doc="the values there are, in order; those of the training part, sorted",
    )


@dataclass(frozen=True, kw_only=True)
class Impute(Transform):
    """Fills missing values: NaN, empty cells, `NA`, `N/A`, `null`, `none`."""

    type_name: ClassVar[str] = "impute"

    strategy: str = setting(
        Choice(("mean", "median", "most_frequent", "constant")),
        "mean",
        doc="by what; of equally frequent values the least, of words the first in the alphabet",
    )
    value: Any = setting(
        Optional(Either((Text(), Real()))), None, doc="the constant; 0, or `missing` for words"
    )

    def conflict(self) -> str:
        """Refuse a constant that is not used."""
        unused = self.value is not None and self.strategy != "constant"
        return "'value' belongs to strategy: constant" if unused else ""


@dataclass(frozen=True, kw_only=True)
class Scale(Transform):
    """x * factor + offset; factor 0.00392156862745098 maps bytes to 0 to 1."""

    type_name: ClassVar[str] = "scale"

    factor: float = setting(Real(), 1.0, doc="what values are multiplied by")
    offset: float = setting(Real(), 0.0, doc="what is added then")


@dataclass(frozen=True, kw_only=True)
class Log(Transform):
    """log(x + offset), the natural logarithm; offset: 1 is log1p."""

    type_name: ClassVar[str] = "log"

    offset: float = setting(Real(), 0.0, doc="what is added before")


@dataclass(frozen=True, kw_only=True)
class Clip(Transform):
    """x, but at least `low` and at most `high`."""

    type_name: ClassVar[str] = "clip"

    low: float | None = setting(Optional(Real()), None, doc="least value")
    high: float | None = setting(Optional(Real()), None, doc="greatest value")

    def conflict(self) -> str:
        """Refuse bounds that leave nothing."""
        if self.low is not None and self.high is not None and self.low > self.high:
            return "'low' must not be above 'high'"
        return ""


@dataclass(frozen=True, kw_only=True)
class Bucket(Transform):
    """The number of the bin that a value falls into, counted from 0; bins are closed on the left."""

    type_name: ClassVar[str] = "bucket"

    bins: int = setting(Integer(2, 10_000), 5, doc="how many bins")
    strategy: str = setting(
        Choice(("quantile", "uniform")),
        "quantile",
        doc="bins with equally many values, or of equal width",
    )
    edges: Any = setting(
        Optional(Listed(Real())), None, doc="inner edges in rising order, in place of bins"
    )
    one_hot: bool = setting(Flag(), False, doc="a column for each bin in place of its number")

    def conflict(self) -> str:
        """Refuse edges out of order."""
        edges = self.edges or ()
        rising = all(a < b for a, b in pairwise(edges))
        return "" if rising else "'edges' must rise"


TRANSFORMS: Table[Transform] = Table(
    "transform",
    [Standardize, MinMax, Robust, OneHot, Ordinal, Impute, Scale, Log, Clip, Bucket],
)
"""Every transform by the name users write."""
