"""Doors: what may enter a network, and the quick look at a batch that already is as it should be.

Thorough checks and conversions cost more than a step of a small network. What passes the quick look needs
none of them; everything else takes the thorough way, and gets its error there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from graphnet.backend import Array
from graphnet.data import Samples, samples_from_arrays
from graphnet.declare import Kind, KindError, Real
from graphnet.errors import ArtifactError, UsageError, listed, nearest
from graphnet.ir import ITEM_BYTES
from graphnet.program import Port, Program
from graphnet.recipe import Training
from graphnet.training import declarations


@dataclass(frozen=True)
class Door:
    """What an input or target must look like.

    Attributes:
        name: Its name.
        shape: Shape of one sample.
        whole: Whether it takes whole numbers, in [0, limit) where there is a limit.
        limit: As said above.
        item_bytes: Bytes of a number; wider ones may be too large for it.
        weighs: Whether no number may be negative.
    """

    name: str
    shape: tuple[int, ...]
    whole: bool
    limit: int | None
    item_bytes: int
    weighs: bool

    @classmethod
    def of(cls, port: Port) -> Door:
        """Return the door of a port."""
        kind = port.type
        width = ITEM_BYTES[kind.dtype]
        return cls(port.name, kind.at(1)[1:], not kind.is_float, port.limit, width, port.weighs)

    def admits(self, value: Any) -> bool:
        """Tell whether a value may pass as it is."""
        if type(value) is not np.ndarray or not value.ndim or not value.size:
            return False
        if value.shape[1:] != self.shape:
            return False
        if not self.whole:
            # A sum that overflows is sent the thorough way too, where it turns out to be harmless.
            fits = value.dtype.kind == "f" and value.itemsize <= self.item_bytes
            fits = fits and not (self.weighs and np.minimum.reduce(value, axis=None) < 0)
            return fits and math.isfinite(np.add.reduce(value, axis=None))
        if value.dtype != np.int64:
            return False
        if self.limit is None:
            return True
        low, high = np.minimum.reduce(value, axis=None), np.maximum.reduce(value, axis=None)
        return bool(low >= 0 and high < self.limit)


def quick_count(given: Mapping[str, Any], doors: Sequence[Door]) -> int | None:
    """Return the batch size, or None where something needs the thorough way."""
    if len(given) != len(doors):
        return None
    count = -1
    for door in doors:
        value: Any = given.get(door.name)
        if not door.admits(value) or (count >= 0 and len(value) != count):
            return None
        count = len(value)
    return count if count > 0 else None


def only_input(program: Program) -> str:
    """Return the name of the one input.

    Raises:
        UsageError: When there are several (GN717).
    """
    names = [port.name for port in program.inputs]
    if len(names) != 1:
        raise UsageError(
            "GN717", "one array was given for several inputs", notes=[f"inputs: {listed(names)}"]
        )
    return names[0]


def refuse_unnamed(*groups: object) -> None:
    """Refuse arrays that are not given by name.

    Raises:
        UsageError: Where one of the groups is no mapping (GN717).
    """
    if not all(isinstance(group, Mapping) for group in groups):
        raise UsageError("GN717", "arrays are given by name", help="write {'NAME': array, ...}")


def changed_settings(training: Training, changes: Mapping[str, Any]) -> Training:
    """Return training settings with some of them changed.

    Raises:
        UsageError: When a change is no setting or has a wrong value (GN719).
    """
    settings = Training.settings()
    for name, value in changes.items():
        if name not in settings:
            raise UsageError(
                "GN719",
                f"{name!r} is no setting of training",
                help=nearest(name, settings),
                notes=[f"settings: {listed(settings)}"],
            )
        _parsed(name, value, settings[name].kind)
    return Training.from_plain({**training.plain(), **changes})


def checked_rate(rate: object) -> float:
    """Return a learning rate.

    Raises:
        UsageError: When it is none (GN719).
    """
    number: float = _parsed("lr", rate, Real(low=0.0))
    return number


def _parsed(name: str, value: object, kind: Kind) -> Any:
    try:
        return kind.parse(value)
    except KindError as error:
        raise UsageError("GN719", f"wrong {name}: {error.message}", help=error.help) from error


def by_name(
    program: Program, inputs: Any, targets: Any
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return inputs and targets by name; single arrays belong to the one input and the one target.

    Raises:
        UsageError: When a single array is given and there are several to give it to (GN717).
    """
    found: list[Mapping[str, Any]] = []
    for given, ports, what in (
        (inputs, program.inputs, "input"),
        (targets, program.targets, "target"),
    ):
        if isinstance(given, Mapping):
            found.append(given)
            continue
        names = [port.name for port in ports]
        if len(names) != 1:
            raise UsageError(
                "GN717",
                f"one array was given for {len(names)} {what}s",
                help=f"give a mapping of {what} names to arrays",
                notes=[f"{what}s: {listed(names) or 'none'}"],
            )
        found.append({names[0]: given})
    return found[0], found[1]


def refuse_names(given: Mapping[str, Any], wanted: Sequence[str], what: str) -> None:
    """Refuse arrays that are missing, and such that the network does not know.

    Raises:
        UsageError: Naming the first of them (GN717).
    """
    missing = [name for name in wanted if name not in given]
    extra = [name for name in given if name not in wanted]
    if not missing and not extra:
        return
    parts = [f"no {what} {missing[0]!r} was given"] if missing else []
    parts += [f"the network has no {what} {extra[0]!r}"] if extra else []
    raise UsageError(
        "GN717",
        ", and ".join(parts),
        help=nearest(extra[0], missing or wanted) if extra else "",
        notes=[f"{what}s: {listed(wanted) or 'none'}"],
    )


def samples_of(program: Program, inputs: Mapping[str, Any], *targets: Mapping[str, Any]) -> Samples:
    """Return arrays given by name as samples, converted and checked thoroughly.

    Args:
        program: Its inputs, and targets where some are given, are what is asked for.
        inputs: Arrays (samples, ...) by input name.
        targets: Arrays (samples, ...) by target name, or nothing.

    Raises:
        UsageError: When a name is missing or unknown (GN717).
        DataError: When a value does not fit.
    """
    refuse_unnamed(inputs, *targets)
    refuse_names(inputs, [port.name for port in program.inputs], "input")
    given = targets[0] if targets else {}
    ports = program.targets if targets else ()
    refuse_names(given, [port.name for port in ports], "target")
    return samples_from_arrays(
        {**inputs, **given}, declarations(program.inputs), declarations(ports)
    )


class Unmatched(NamedTuple):
    """Names that the network has and the weights have not, and the other way round."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def fill(live: Mapping[str, Array], state: Mapping[str, Any], *, strict: bool) -> Unmatched:
    """Copy weights into the network's own, all of them or none.

    Args:
        live: The network's, by name.
        state: What they shall be, by name.
        strict: Refuse names that are missing or unknown; otherwise they are returned.

    Raises:
        ArtifactError: As `fitting`.
    """
    missing = [name for name in live if name not in state]
    unknown = [name for name in state if name not in live]
    if not strict:
        live = {name: array for name, array in live.items() if name in state}
        state = {name: state[name] for name in live}
    given = fitting(live, state)
    with np.errstate(all="ignore"):
        for name, array in live.items():
            array[...] = given[name]
    return Unmatched(missing, unknown)


def fitting(live: Mapping[str, Array], state: Mapping[str, Any]) -> dict[str, Array]:
    """Return weights as arrays, all of which fit the network.

    Raises:
        ArtifactError: When a name is missing or unknown, a shape differs, or something else than numbers
            is given (GN461).
    """
    try:
        given = {name: np.asarray(value) for name, value in state.items()}
    except (ValueError, TypeError, RuntimeError) as error:  # the latter two of tensors elsewhere
        raise ArtifactError(
            "GN461",
            "the weights are not arrays of numbers",
            help="of a model of PyTorch on the processor, give model.state_dict()",
        ) from error
    missing = [name for name in live if name not in given]
    extra = [name for name in given if name not in live]
    wrong = [
        f"{name} is {list(given[name].shape)}, the network has {list(array.shape)}"
        for name, array in live.items()
        if name in given and given[name].shape != array.shape
    ]
    wrong += [f"{name} holds no numbers" for name in given if given[name].dtype.kind not in "fiub"]
    if missing or extra or wrong:
        notes = [f"missing: {listed(missing, 10)}"] if missing else []
        notes += [f"unknown: {listed(extra, 10)}"] if extra else []
        cure = "give them the network's names, or leave out the others by strict=False" * bool(
            notes
        )
        told = "the weights do not fit the network"
        raise ArtifactError("GN461", told, help=cure, notes=notes + wrong[:10])
    return given
