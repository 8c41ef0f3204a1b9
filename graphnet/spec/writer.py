"""Writer: plain data to YAML that people like to read and that reads back as the same data."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphnet.errors import InternalError
from graphnet.spec.scalars import resolve

WIDTH = 160
"""Most characters of a mapping or list written on one line."""

_INDENT = "  "
_LONGEST_KEY = 1000
"""YAML looks for the ':' of a simple key at most 1024 characters ahead."""
_PLAIN = re.compile(r"(\.{0,2}/)?[A-Za-z_][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*", re.ASCII)
_YAML_1_1_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def to_yaml(plain: Mapping[str, Any]) -> str:
    """Return plain data as YAML; `read_text` gives the same data back.

    Mappings without mappings inside are written on one line, as `linear1: {type: Linear, ...}`.

    Args:
        plain: Mappings with text keys, lists, text, finite numbers, truth values and nothing.

    Example:
        >>> print(to_yaml({"name": "mlp", "layers": {"tanh1": {"type": "Tanh"}}}), end="")
        name: mlp
        layers:
          tanh1: {type: Tanh}
    """
    return "\n".join(_mapping_lines(plain, "")) + "\n" if plain else "{}\n"


def _mapping_lines(mapping: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in mapping.items():
        written = _string(key)
        head = f"{indent}{written}:" if len(written) <= _LONGEST_KEY else f"{indent}? {written}"
        if head.endswith(":"):
            lines += _value_lines(head, value, indent)
        else:
            lines += [head, *_value_lines(f"{indent}:", value, indent)]
    return lines


def _value_lines(head: str, value: Any, indent: str) -> list[str]:
    """Return a value after what introduces it, on one line or on lines of its own."""
    flow = _flow(value)
    if not _is_nested(value) and (len(head) + len(flow) < WIDTH or not _is_collection(value)):
        return [f"{head} {flow}"]
    if isinstance(value, Mapping):
        return [head, *_mapping_lines(value, indent + _INDENT)]
    lines = [head]
    for item in value:
        lines += _item_lines(item, indent + _INDENT)
    return lines


def _item_lines(item: Any, indent: str) -> list[str]:
    """Return an item of a list, its first line begun with a dash."""
    if isinstance(item, Mapping) and _is_nested(item):
        lines = _mapping_lines(item, indent + _INDENT)
        return [f"{indent}- {lines[0].lstrip(' ')}", *lines[1:]]
    return _value_lines(f"{indent}-", item, indent)


def _is_collection(value: Any) -> bool:
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, str) and bool(value)


def _is_nested(value: Any) -> bool:
    """Whether a mapping holds mappings that are not empty, or a list holds anything but scalars."""
    if isinstance(value, Mapping):
        return any(
            _is_collection(item) and (isinstance(item, Mapping) or _is_nested(item))
            for item in value.values()
        )
    return _is_collection(value) and any(_is_collection(item) for item in value)


def _flow(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, Mapping):
        pairs = (f"{_flow_key(key)}: {_flow(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _number(value)


def _flow_key(key: str) -> str:
    written = _string(key)
    return written if len(written) <= _LONGEST_KEY else f"? {written} "


def _number(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        mantissa, exponent, power = repr(value).partition("e")
        # Readers of YAML 1.1 take 1e-08 for text, but not 1.0e-08.
        return repr(value) if "." in mantissa else f"{mantissa}.0{exponent}{power}"
    raise InternalError("GN911", "a value that YAML cannot hold was to be written")


def _string(text: str) -> str:
    """Return text as it is written, in quotes unless it reads as the same text without."""
    if _PLAIN.fullmatch(text) and text.lower() not in _YAML_1_1_WORDS and resolve(text) == text:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
