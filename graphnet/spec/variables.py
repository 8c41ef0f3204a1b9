"""Variables: `"${name}"` in any value, replaced before anything else is looked at.

No expressions and no environment. Values are single or short lists of single values, and text made
from references is short, so that a small spec cannot grow into a large one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from graphnet.declare import spoken
from graphnet.errors import listed
from graphnet.spec.names import check_name
from graphnet.spec.nodes import ListNode, MapBuilder, MapNode, Node, ScalarNode, plain_of
from graphnet.spec.problems import Problems

MAX_ITEMS = 32
"""Most items of a list that a variable holds."""
MAX_TEXT = 1000
"""Most characters of a text that a variable holds."""
MAX_MADE = 10_000
"""Most characters of a text that references are put into."""

Values = Mapping[str, Node | None]
"""Values by name; None where a value is wrong, which was said where it was written."""

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")


def read_variables(section: Node | None, problems: Problems) -> dict[str, Node | None]:
    """Return the values of the `variables` section; each may refer to those above it."""
    values: dict[str, Node | None] = {}
    if section is None:
        return values
    if not isinstance(section, MapNode):
        problems.add(
            "GN106",
            "wrong value for 'variables' in the spec",
            section.position,
            label=f"expected a mapping of names to values, found {spoken(plain_of(section))}",
        )
        return values
    for name, node in section.items.items():
        check_name(name, "a variable", section.keys[name], problems)
        value = substitute(node, values, problems)
        values[name] = value if check_value(name, value, problems) else None
    return values


def check_value(name: str, node: Node, problems: Problems) -> bool:
    """Return whether a variable or a block parameter can hold a value, or say so (GN106, GN112)."""
    items = node.items if isinstance(node, ListNode) else (node,)
    single = [item for item in items if isinstance(item, ScalarNode)]
    if any(problems.is_silent(item.position) for item in single):
        return False
    if isinstance(node, MapNode) or len(single) < len(items):
        problems.add(
            "GN106",
            f"wrong value for variable {name!r}",
            node.position,
            label="expected text, a number, true, false or a list of these",
        )
        return False
    longest = max((len(item.value) for item in single if isinstance(item.value, str)), default=0)
    fits = len(single) <= MAX_ITEMS and longest <= MAX_TEXT
    if not fits:
        problems.add(
            "GN112",
            f"the value of variable {name!r} is too long",
            node.position,
            label=f"expected at most {MAX_ITEMS} items of at most {MAX_TEXT} characters",
        )
    return fits


def substitute(
    node: Node, values: Values, problems: Problems, *, arguments: Collection[str] = ()
) -> Node:
    """Return a node with every reference replaced; one without references is returned itself.

    Args:
        node: Where references stand.
        values: What they mean.
        problems: Takes unknown ones.
        arguments: Those that were given to a block, each in a place of its own.
    """
    if isinstance(node, ScalarNode):
        holds = isinstance(node.value, str) and "${" in node.value
        return _scalar(node, str(node.value), values, problems, arguments) if holds else node
    if isinstance(node, ListNode):
        items = tuple(
            substitute(item, values, problems, arguments=arguments) for item in node.items
        )
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else replace(node, items=items)
    builder = MapBuilder()
    for key, item in node.items.items():
        made = substitute(item, values, problems, arguments=arguments)
        builder.add(key, node.keys[key], made)
    same = all(builder.items[key] is item for key, item in node.items.items())
    return node if same else builder.build(node.position)


def _scalar(
    node: ScalarNode, text: str, values: Values, problems: Problems, arguments: Collection[str]
) -> Node:
    whole = _REFERENCE.fullmatch(text)
    value = values.get(whole[1]) if whole else None
    if whole and value is not None:
        if isinstance(value, ScalarNode) and whole[1] in arguments:
            return replace(value, position=node.position, given=value.given or value.position)
        return replace(value, position=node.position)
    made = _REFERENCE.sub(lambda found: _embedded(found, node, values, problems), text)
    if "${" in made:
        problems.add(
            "GN119",
            "a reference that is not of the form ${name}",
            node.position,
            label="in this text",
            help="write the name of a variable between ${ and }",
        )
    if len(made) > MAX_MADE:
        problems.add(
            "GN112",
            f"a text of {len(made)} characters made from variables",
            node.position,
            label=f"expected at most {MAX_MADE}",
        )
    return ScalarNode(made[:MAX_MADE], node.position, quoted=True)


def _embedded(found: re.Match[str], node: ScalarNode, values: Values, problems: Problems) -> str:
    """Return the text of the variable that a reference inside a text means."""
    name = found[1]
    if name not in values:
        problems.add(
            "GN119",
            f"unknown variable {name!r}",
            node.position,
            label="no such variable",
            help=problems.nearest(name, values) or "declare it under variables:",
            notes=[f"variables: {listed(values)}" if values else ""],
        )
        return ""
    value = values[name]
    if value is None:
        problems.silence(node.position)
        return ""
    if not isinstance(value, ScalarNode) or value.value is None:
        problems.add(
            "GN119",
            f"the value of variable {name!r} cannot stand inside a text",
            node.position,
            label=f"it is {spoken(plain_of(value))}",
            help=f'write only "${{{name}}}"',
        )
        return ""
    return value.value if isinstance(value.value, str) else str(value.value).lower()
