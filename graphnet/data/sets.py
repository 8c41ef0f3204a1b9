"""Sets: everything a data section names: read, split, transformed as the training part teaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.declaration import Declaration
from graphnet.data.feeding import Feeding
from graphnet.data.matching import match_columns, no_weights
from graphnet.data.prepared import Prepared, prepare
from graphnet.data.sample_table import Array, SampleTable
from graphnet.data.samples import Samples, assemble, load_samples
from graphnet.data.sources import read_source
from graphnet.data.splits import split_rows
from graphnet.data.words import named, numbers, raw_values
from graphnet.errors import DataError, listed, nearest
from graphnet.recipe import SAMPLE_WEIGHT, Chosen, Data, Source, Split
from graphnet.recipe.splits import Balanced, Weighted

Rows = NDArray[np.int64]
CLASSES_LIMIT = 1000
"""Most different values of a target that are counted as classes."""


@dataclass(frozen=True)
class Sets:
    """The sets of a run, and the transforms they went through."""

    train: Samples
    validation: Samples | None
    test: Samples | None
    prepared: Prepared


def load_sets(
    data: Data,
    folder: Path,
    inputs: Sequence[Declaration],
    targets: Sequence[Declaration],
    prepared: Prepared | None = None,
) -> Sets:
    """Load everything a data section names.

    Args:
        data: The section.
        folder: What relative paths are relative to.
        inputs: Every input of the network.
        targets: Every target.
        prepared: Transforms that were fitted before; without, they are fitted on the training part.

    Raises:
        DataError: What is wrong with the data.
        ResourceError: When a file cannot be opened.
    """
    table = read_source(data.train, folder)
    chosen = match_columns(table, data.train, inputs, targets)
    values = _Values(table, chosen)
    rows = _cut(data, values)
    if prepared is None:
        wanted = {"inputs": inputs, "targets": targets}
        prepared = prepare(data.transforms, table, chosen, wanted, rows.get("train"))
    whole = assemble(table, chosen, prepared, inputs, targets)
    parts = {part: whole.take(of) for part, of in rows.items()} or {"train": whole}
    for part, source in (("validation", data.validation), ("test", data.test)):
        if isinstance(source, Source):
            parts[part] = load_samples(source, folder, inputs, targets, prepared)
    train = _weighted(parts["train"], data.class_weight)
    feeding = Feeding(_draw(data, train, values, rows.get("train")), data.augment, data.prefetch)
    return Sets(
        replace(train, feeding=feeding), parts.get("validation"), parts.get("test"), prepared
    )


def _cut(data: Data, values: _Values) -> dict[str, Rows]:
    """Return the rows of each part that the training source is divided into; empty for one part."""
    rows: dict[str, Rows] = {}
    left = np.arange(values.count)
    for part, cut in (("test", data.test), ("validation", data.validation)):
        if isinstance(cut, Split):
            inside, taken = split_rows(len(left), cut, values.of(left, cut.stratify is not None))
            rows[part], left = left[taken], left[inside]
    return {"train": left, **rows} if rows else {}


class _Values:
    """Targets and columns of a table by name, one value a sample."""

    def __init__(self, table: SampleTable, chosen: Chosen) -> None:
        self._table, self._chosen = table, chosen
        first = next(name for columns in chosen.values() for name in columns)
        texts = table.texts.get(first)
        self.count = len(table.array(first)) if texts is None else len(texts)

    def of(self, rows: Rows, classes: bool) -> Callable[[str], Array]:
        """Return a function that gives a column's values at some rows.

        Args:
            rows: Which.
            classes: Whether the column must be a target.
        """
        return lambda name: self._column(name, classes)[rows]

    def numbers(self, name: str) -> Array:
        """Return a column of numbers."""
        return numbers(self._table, name, raw_values(self._table, name))

    def _column(self, name: str, classes: bool) -> Array:
        columns = self._chosen.get(name, ())
        if not columns and (classes or name not in self._table.arrays):
            known = [*self._chosen] if classes else [*self._chosen, *self._table.arrays]
            raise DataError(
                "GN326",
                f"cannot {'stratify' if classes else 'split'} by {name!r}: "
                f"no such {'target' if classes else 'column'}",
                help=nearest(name, known),
                notes=[f"{'targets' if classes else 'columns'}: {listed(known)}"],
            )
        if len(columns) > 1:
            raise DataError("GN326", f"cannot split by {name!r}: it has several values a sample")
        return raw_values(self._table, columns[0] if columns else name)


def class_counts(samples: Samples) -> dict[str, dict[str, int]]:
    """Return how many samples of each class there are, by target; of targets that hold classes.

    Args:
        samples: Targets of single whole numbers count as classes, up to a thousand of them.
    """
    counts: dict[str, dict[str, int]] = {}
    for name, values in samples.targets.items():
        if name == SAMPLE_WEIGHT or int(np.prod(values.shape[1:])) != 1:
            continue
        labels = np.asarray(values).reshape(-1)
        if labels.dtype.kind == "f" and not np.isin(labels, (0.0, 1.0)).all():
            continue
        found, sizes = np.unique(labels, return_counts=True)
        if len(found) <= CLASSES_LIMIT:
            names = samples.classes.get(name, ())
            counts[name] = {
                names[int(label)] if int(label) < len(names) else named(label): int(size)
                for label, size in zip(found, sizes, strict=True)
            }
    return counts


def _only_target(samples: Samples, name: str | None, what: str) -> str:
    """Return the target whose classes are meant."""
    known = [target for target in samples.targets if target != SAMPLE_WEIGHT]
    if name in known:
        return str(name)
    if name is None and len(known) == 1:
        return known[0]
    found = f"no target {name!r}" if name else f"{len(known)} targets"
    raise DataError(
        "GN336",
        f"{what} needs to know the target with the classes: there is {found}",
        help=nearest(name, known) if name else f"name one of {listed(known)}",
    )


def _classes_of(samples: Samples, name: str, what: str) -> tuple[Array, Array]:
    """Return the classes of a target that occur, and which of them each sample has."""
    values = np.asarray(samples.targets[name]).reshape(samples.count, -1)
    if values.shape[1] != 1 or not np.array_equal(values, np.trunc(values)):
        raise DataError("GN336", f"{what}: the values of {name!r} are not classes")
    found, places = np.unique(values[:, 0], return_inverse=True)
    return found, places


def _weighted(samples: Samples, class_weight: Any) -> Samples:
    """Return the training set with the weights of its classes in its sample weights."""
    if class_weight is None:
        return samples
    if SAMPLE_WEIGHT not in samples.targets:
        raise no_weights("class_weight")
    target = _only_target(samples, None, "class_weight")
    found, places = _classes_of(samples, target, "class_weight")
    if class_weight == "balanced":
        # As in scikit-learn: every class weighs as much as the others together would on average.
        each = samples.count / (len(found) * np.bincount(places))
    else:
        each = _given_weights(samples, target, found, class_weight)
    old = np.asarray(samples.targets[SAMPLE_WEIGHT])
    factors = each[places].reshape(-1, *[1] * (old.ndim - 1))
    new = (old * factors).astype(old.dtype)
    return replace(samples, targets={**samples.targets, SAMPLE_WEIGHT: new})


def _given_weights(
    samples: Samples, target: str, found: Array, weights: Mapping[str, float] | Sequence[float]
) -> NDArray[np.float64]:
    names = samples.classes.get(target, ())
    given = weights
    if not isinstance(given, Mapping):
        places = names if len(names) == len(given) else map(str, range(len(given)))
        given = dict(zip(places, given, strict=True))
    shown = [names[int(value)] if names else named(value) for value in found]
    unknown = [name for name in given if name not in shown and name not in names]
    unknown = unknown if isinstance(weights, Mapping) else []
    if unknown:
        raise DataError(
            "GN336",
            f"class_weight names a class {unknown[0]!r} that {target!r} does not have",
            help=nearest(unknown[0], shown),
            notes=[f"classes: {listed(shown, 12)}"],
        )
    return np.array([given.get(name, 1.0) for name in shown])


def _draw(
    data: Data, train: Samples, values: _Values, rows: Rows | None
) -> NDArray[np.float64] | None:
    """Return how often each training sample is drawn, or None for each once."""
    if isinstance(data.sampler, Balanced):
        target = _only_target(train, data.sampler.target, "the balanced sampler")
        _, places = _classes_of(train, target, "the balanced sampler")
        balanced: NDArray[np.float64] = 1.0 / np.bincount(places)[places]
        return balanced
    if not isinstance(data.sampler, Weighted):
        return None
    weights = values.numbers(data.sampler.weights)
    weights = weights if rows is None else weights[rows]
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise DataError(
            "GN336",
            f"the weights of the sampler in {data.sampler.weights!r} are negative, missing or all 0",
            help="every weight must be 0 or greater, and one of them greater",
        )
    return weights
