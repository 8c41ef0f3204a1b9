"""Names: what users may call layers, inputs, targets, blocks, variables and the spec itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphnet.errors import Position, article
from graphnet.spec.problems import Problems

RULE = "a name starts with a letter and has at most 64 letters, digits, '_' and '-'"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
_PART = re.compile(r"[0-9]{1,6}|" + _NAME.pattern, re.ASCII)
_DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)


def check_name(name: str, what: str, where: Position, problems: Problems) -> bool:
    """Return whether a name follows the rule, or add the problem (GN108)."""
    if _NAME.fullmatch(name):
        return True
    label = "a dot separates a layer from its result" if "." in name else _label(name)
    problems.add("GN108", f"{name!r} cannot name {what}", where, label=label, notes=[RULE])
    return False


def check_expanded_name(name: str, where: Position, problems: Problems) -> bool:
    """Return whether a layer's name follows the rule, dots of expanded blocks allowed (GN108)."""
    first, *rest = name.split(".")
    if _NAME.fullmatch(first) and all(_PART.fullmatch(part) for part in rest):
        return True
    return check_name(name, "a layer", where, problems)


def check_spec_name(name: str, where: Position, problems: Problems) -> None:
    """Refuse spec names that break the rule or that no file can have on Windows (GN108)."""
    if check_name(name, "a spec", where, problems) and _DEVICES.fullmatch(name):
        problems.add(
            "GN108",
            f"{name!r} cannot name a spec",
            where,
            label="the name of a device on Windows",
            help="choose another name; files are called after it",
        )


def _label(name: str) -> str:
    if not name:
        return "the name is empty"
    if len(name) > 64:
        return f"{len(name)} characters"
    if not _NAME.match(name):
        return f"starts with {name[0]!r}"
    return f"holds {next(char for char in name if not _PART.fullmatch('a' + char))!r}"


def name_from_stem(stem: str) -> str:
    """Return a spec's name made from the stem of its file.

    Example:
        >>> name_from_stem("mlp.v2"), name_from_stem("01 net"), name_from_stem("")
        ('mlp_v2', 'net_01_net', 'network')
    """
    cleaned = re.sub(r"[^A-Za-z0-9_-]", "_", stem)
    if not cleaned.strip("_-"):
        return "network"
    if not _NAME.match(cleaned) or _DEVICES.fullmatch(cleaned):
        cleaned = f"net_{cleaned}"
    return cleaned[:64]


def check_unique(named: Iterable[tuple[str, str, Position]], problems: Problems) -> None:
    """Refuse names that stand for two things, or differ only in case (GN109).

    Args:
        named: Name, what it names (`layer`), and where it was written.
        problems: Takes the problems.
    """
    seen: dict[str, tuple[str, str, Position]] = {}
    for name, what, where in named:
        other = seen.setdefault(name.lower(), (name, what, where))
        if other[2] is where:
            continue
        line = f" on line {other[2].line}" if other[2].line else ""
        if other[0] == name:
            message = f"{name!r} names two things, {article(other[1])} and {article(what)}"
        else:
            message = f"{name!r} and {other[0]!r} differ only in case"
        problems.add(
            "GN109",
            message,
            where,
            label=f"{article(other[1])} has the name{line}",
            help="rename one of the two; inputs, targets and layers share their names",
        )
