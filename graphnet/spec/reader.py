"""Reader: YAML text to nodes with positions, over the parser's events and never its constructors.

Events are read one by one, so that nesting, size and everything that specs do not use (tags,
anchors, aliases, several documents) is refused before it can cost anything, and nothing in a text
can make an object. What plain text means is decided in `scalars.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from graphnet.errors import Position, SpecError
from graphnet.spec.nodes import ListNode, MapNode, Node, is_nothing
from graphnet.spec.problems import Problems
from graphnet.spec.source_text import SourceText, check_characters
from graphnet.spec.syntax import Failure, Mark, syntax_error
from graphnet.spec.tree import TreeBuilder

EXAMPLE = (
    "a small spec: {graphnet: 1, inputs: {x: {shape: [2]}}, "
    "layers: {linear1: {type: Linear, out_features: 1}}}"
)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FOREIGN_BREAKS = "\x85\u2028\u2029"


def read_text(text: str, file: str, problems: Problems | None = None) -> MapNode:
    """Read the text of a spec.

    Args:
        text: YAML.
        file: What positions name as the file.
        problems: Takes what is wrong with single values; where None, that is raised.

    Raises:
        SpecError: When the text cannot be read: not YAML (GN101), empty or no mapping (GN102), past
            a limit (GN112), holding characters that are not text (GN113), several documents
            (GN114); and, without `problems`, duplicate keys (GN103), tags, anchors, aliases
            (GN110) and keys that are not text (GN111).
    """
    gathered = Problems() if problems is None else problems
    try:
        root = read_value(SourceText(file, text), gathered)
    except SpecError as error:
        gathered.take(error)
        root = None
    if problems is None or root is None:
        gathered.raise_all()
    if root is None or is_nothing(root):
        raise SpecError("GN102", "the spec is empty", where=Position(file), notes=[EXAMPLE])
    if not isinstance(root, MapNode):
        found = "a list" if isinstance(root, ListNode) else "a single value"
        raise SpecError(
            "GN102",
            f"a spec is a mapping of keys to values, not {found}",
            where=root.position,
            label="the spec begins here",
            notes=[EXAMPLE],
        )
    return root


def read_value(source: SourceText, problems: Problems) -> Node | None:
    """Read any YAML value; None where the text holds nothing but space and comments.

    Raises:
        SpecError: As for `read_text`, but for GN102.
    """
    check_characters(source)
    try:
        return _read(source, problems)
    except _ParserDepthError as error:
        # The parser looks ahead and meets its own limit first; without the rest the builder meets ours.
        return _read(SourceText(source.file, source.text[: error.position]), problems)


class _ParserDepthError(Exception):
    """The parser's own limit of nesting, far above that of specs; `position` is where it met it."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position


def _read(source: SourceText, problems: Problems) -> Node | None:
    builder = TreeBuilder(source, problems)
    for event in _events(source, builder):
        _take(event, builder)
    return builder.root


def _events(source: SourceText, builder: TreeBuilder) -> Iterator[yaml.Event]:
    """Yield the parser's events, its errors put into the user's words."""
    text, stand_ins = _without_foreign_breaks(source.text)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if stand_ins and isinstance(event, yaml.ScalarEvent):
                event.value = event.value.translate(stand_ins)
            yield event
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in (error.problem or "") and error.problem_mark is not None:
            raise _ParserDepthError(error.problem_mark.index) from None
        began, met = _mark(error.context_mark), _mark(error.problem_mark)
        opened = builder.open_bracket
        failure = Failure(error.context or "", began, error.problem or "", met, opened)
        raise syntax_error(failure, source) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The parser written in Python lets a few of its own errors through.
        raise syntax_error(Failure("", None, str(error), None, None), source) from None


def _without_foreign_breaks(text: str) -> tuple[str, dict[int, str]]:
    """Return the text with stand-ins for breaks that only YAML 1.1 knows, and their meaning.

    The parser ends a line at U+0085, U+2028 and U+2029; editors do not, and lines must agree.
    """
    used = set(text)
    found = [char for char in _FOREIGN_BREAKS if char in used]
    if not found:
        return text, {}
    private = (number for number in range(0xF0000, 0xFFFFE) if chr(number) not in used)
    stand_ins = dict(zip(private, found, strict=False))
    return text.translate({ord(char): number for number, char in stand_ins.items()}), stand_ins


def _mark(mark: Any) -> Mark | None:
    return None if mark is None else (mark.line, mark.column)


def _take(event: yaml.Event, builder: TreeBuilder) -> None:
    """Hand one event to the builder.

    Raises:
        SpecError: At a second document, and past the limits.
    """
    start, end = _mark(event.start_mark) or (0, 0), _mark(event.end_mark) or (0, 0)
    if isinstance(event, yaml.DocumentStartEvent):
        builder.document(start, end, directives=bool(event.version or event.tags))
    elif isinstance(event, yaml.AliasEvent):
        builder.alias(str(event.anchor), start, end)
    elif isinstance(event, yaml.ScalarEvent):
        builder.properties(event.tag, event.anchor, start, end)
        builder.scalar(event.value, start, end, plain=not event.style)
    elif isinstance(event, yaml.CollectionStartEvent):
        builder.properties(event.tag, event.anchor, start, end)
        mapping = isinstance(event, yaml.MappingStartEvent)
        builder.begin(start, mapping=mapping, flow=bool(event.flow_style))
    elif isinstance(event, yaml.CollectionEndEvent):
        builder.end(end)
