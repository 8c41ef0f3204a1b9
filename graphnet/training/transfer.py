"""Transfer: weights of another run into a network, by name, with some of the names mapped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.backend import Array, NumpyExecutable
from graphnet.errors import ArtifactError, GraphNetError, listed
from graphnet.recipe import Weights
from graphnet.training.checkpoint import load, load_weights
from graphnet.training.saved import locate
from graphnet.training.snapshot import weights_in_use

_KINDS = ("parameter/", "statistic/")


def transfer(executable: NumpyExecutable, weights: Weights, folder: Path) -> str:
    """Write saved weights into a network: all of them, or none where something does not fit.

    Args:
        executable: Its parameters and statistics are overwritten.
        weights: Where they are, and how their names are mapped.
        folder: What the path is relative to.

    Returns:
        A sentence on what was taken over.

    Raises:
        ArtifactError: When strict and something is missing, left over or of another shape, or when nothing
            fits at all (GN464).
        ResourceError: When there is no such run or file.
    """
    path = folder / weights.path
    given = renamed(open_weights(path), weights.map or {})
    live = {**executable.parameters, **executable.statistics}
    problems = misfits(live, given)
    fitting = [name for name in live if name in given and given[name].shape == live[name].shape]
    if (problems and weights.strict) or not fitting:
        raise ArtifactError(
            "GN464",
            f"the weights of {str(path)!r} do not fit the network",
            help="map names by training.weights.map, or set training.weights.strict: false",
            notes=[*problems, "nothing was taken over"],
        )
    with np.errstate(all="ignore"):
        for name in fitting:
            live[name][...] = given[name]
    left = [name for name in live if name not in fitting]
    rest = f"; {listed(left, 10)} start anew" if left else ""
    return f"started from {path}: {len(fitting)} of {len(live)} arrays{rest}"


def open_weights(path: Path) -> dict[str, Array]:
    """Return the parameters and statistics of a run, of a checkpoint, or of a safetensors file.

    Of a run they are the best ones where it was to end with those, else its newest.

    Raises:
        ResourceError: When there is no such run or file.
        ArtifactError: When the file is damaged.
    """
    if path.is_dir():
        return _weights_of(locate(path)[2].tensors)
    try:
        return _weights_of(load(path).tensors)
    except GraphNetError as error:
        if error.code != "GN455":
            raise
        return load_weights(path)


def _weights_of(tensors: Mapping[str, Array]) -> dict[str, Array]:
    used = weights_in_use(tensors)
    return {
        name.partition("/")[2]: array for name, array in used.items() if name.startswith(_KINDS)
    }


def renamed(arrays: Mapping[str, Array], names: Mapping[str, str | None]) -> dict[str, Array]:
    """Return arrays under other names.

    Args:
        arrays: By their old names.
        names: Patterns of old names to patterns of new ones: `*` stands for any letters, the same on both
            sides; nothing leaves an array out. Of several that fit, the one with the most letters counts.

    Raises:
        ArtifactError: When two arrays come to bear one name (GN464).

    Example:
        >>> kept = renamed({"body.0.w": 1, "head.w": 2}, {"body.*.w": "base.*.weight", "head.*": None})
        >>> kept
        {'base.0.weight': 1}
    """
    ordered = sorted(names.items(), key=lambda item: (-len(item[0].replace("*", "")), item[0]))
    patterns = [(_pattern(old), new) for old, new in ordered]
    result: dict[str, Any] = {}
    for name, array in arrays.items():
        target = _target(name, patterns)
        if target in result:
            raise ArtifactError(
                "GN464",
                f"two of the weights come to be called {target!r}",
                help="change training.weights.map",
            )
        if target is not None:
            result[target] = array
    return result


def _pattern(old: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(re.escape(part) for part in old.split("*")), re.DOTALL)


def _target(name: str, patterns: list[tuple[re.Pattern[str], str | None]]) -> str | None:
    for pattern, new in patterns:
        match = pattern.fullmatch(name)
        if match is None:
            continue
        if new is None:
            return None
        pieces = iter(match.groups())
        return "".join(next(pieces, "") if part == "*" else part for part in re.split(r"(\*)", new))
    return name


def misfits(live: Mapping[str, Array], given: Mapping[str, Array]) -> list[str]:
    """Return what is missing, left over or of another shape, a sentence each."""
    missing = [name for name in live if name not in given]
    extra = [name for name in given if name not in live]
    told = [f"missing: {listed(missing, 10)}"] if missing else []
    told += [f"not in the network: {listed(extra, 10)}"] if extra else []
    shapes = [
        f"{name} is {list(given[name].shape)}, the network has {list(array.shape)}"
        for name, array in live.items()
        if name in given and given[name].shape != array.shape
    ]
    return told + shapes[:10]
