"""Tree: the nodes of a text, built without recursion from what the parser meets one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphnet.errors import Position, SpecError
from graphnet.spec.nodes import ListNode, MapBuilder, Node, ScalarNode
from graphnet.spec.problems import Problems
from graphnet.spec.scalars import MAX_DIGITS, TooManyDigits, resolve
from graphnet.spec.source_text import SourceText
from graphnet.spec.syntax import Mark

MAX_DEPTH = 64
"""Most lists and mappings inside each other."""
MAX_NODES = 100_000
"""Most values of a text."""

_CURES = {
    "tags": "write the value alone; what it is follows from where it stands",
    "directives": "remove the line that begins with '%'",
}
_SHARE = "name the value under variables: and write ${name} where it is used"


@dataclass
class _Open:
    """A list or mapping whose end has not come yet.

    Attributes:
        start: Where it begins.
        flow: Whether it stands in brackets.
        mapping: The pairs so far, or None for a list.
        items: The items so far of a list.
        key: The key whose value comes next, or None.
        drop: Whether that value belongs to a key that was refused.
    """

    start: Mark
    flow: bool
    mapping: MapBuilder | None
    items: list[Node] = field(default_factory=list)
    key: tuple[str, Position] | None = None
    drop: bool = False

    @property
    def key_position(self) -> Position | None:
        """Where the key was written whose value comes next."""
        return self.key[1] if self.key else None


class TreeBuilder:
    """Builds the tree and gathers what is wrong with single values.

    Attributes:
        root: The finished tree, or None where nothing has come yet.
    """

    def __init__(self, source: SourceText, problems: Problems) -> None:
        self.root: Node | None = None
        self._source = source
        self._problems = problems
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    @property
    def open_bracket(self) -> Mark | None:
        """Where the innermost bracket stands that is still open, or None."""
        return next((frame.start for frame in reversed(self._open) if frame.flow), None)

    def document(self, start: Mark, end: Mark, *, directives: bool) -> None:
        """Begin a document.

        Raises:
            SpecError: GN114 when it is the second one.
        """
        self._documents += 1
        where = self._source.span(start, end)
        if self._documents > 1:
            raise SpecError(
                "GN114",
                "a second document in one spec",
                where=where,
                label="it begins here",
                help="put each spec into a file of its own",
            )
        if directives:
            self._refuse("directives", "%", where)

    def alias(self, name: str, start: Mark, end: Mark) -> None:
        """Refuse an alias; nothing takes its place."""
        where = self._source.span(start, end)
        self._refuse("aliases", f"*{name}", where)
        self._place(ScalarNode(None, where))

    def properties(self, tag: str | None, anchor: str | None, start: Mark, end: Mark) -> None:
        """Refuse what stands before a value."""
        if tag is not None:
            self._refuse("tags", "!", self._source.span(start, end))
        elif anchor is not None:
            self._refuse("anchors", f"&{anchor}", self._source.span(start, end))

    def _refuse(self, what: str, sign: str, where: Position) -> None:
        message = f"{what} are not allowed in a spec"
        label = f"begins with {sign!r}"
        self._problems.add("GN110", message, where, label=label, help=_CURES.get(what, _SHARE))

    def scalar(self, text: str, start: Mark, end: Mark, *, plain: bool) -> None:
        """Add a single value."""
        where = self._source.span(start, end)
        if plain:
            self._place(self._resolved(text, where))
            return
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            self._problems.add(
                "GN113",
                "an escape that stands for no character",
                where,
                label="in this text",
                help="leave it out; a character above U+FFFF is one \\UNNNNNNNN",
            )
        self._place(ScalarNode(text, where, quoted=True))

    def _resolved(self, text: str, where: Position) -> ScalarNode:
        try:
            return ScalarNode(resolve(text), where)
        except TooManyDigits:
            self._problems.add(
                "GN112",
                f"a whole number of {len(text.lstrip('+-'))} digits",
                where,
                label=f"expected at most {MAX_DIGITS} digits",
                help="put it in quotes where text is meant",
            )
            return ScalarNode(0, where)

    def begin(self, start: Mark, *, mapping: bool, flow: bool) -> None:
        """Begin a list or a mapping.

        Raises:
            SpecError: GN112 when it is nested too deeply.
        """
        if len(self._open) >= MAX_DEPTH:
            raise SpecError(
                "GN112",
                f"lists and mappings nested more than {MAX_DEPTH} levels deep",
                where=self._source.span(start, (start[0], start[1] + 1)),
                label=f"level {MAX_DEPTH + 1}",
                help="no part of a spec needs more than a few levels",
            )
        self._open.append(_Open(start, flow, MapBuilder() if mapping else None))

    def end(self, end: Mark) -> None:
        """End the innermost list or mapping."""
        frame = self._open.pop()
        mapping = frame.mapping
        where = self._source.span(frame.start, end)
        if not frame.flow:
            # What has no brackets of its own is pointed at by its key, or else by its first one.
            parent = self._open[-1].key_position if self._open else None
            first = next(iter(mapping.keys.values()), None) if mapping else None
            where = parent or first or where
        self._place(mapping.build(where) if mapping else ListNode(tuple(frame.items), where))

    def _place(self, node: Node) -> None:
        """Put a finished node where it belongs.

        Raises:
            SpecError: GN112 when there are too many.
        """
        frame = self._open[-1] if self._open else None
        if frame is None:
            self.root = node
        elif frame.mapping is None:
            frame.items.append(node)
        elif frame.drop:
            frame.drop = False
        elif frame.key is None:
            self._key(frame, frame.mapping, node)
            return
        else:
            frame.mapping.add(*frame.key, node)
            frame.key = None
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SpecError(
                "GN112",
                f"the spec has more than {MAX_NODES} values",
                where=node.position,
                help="repeat layers with blocks instead of writing each of them out",
            )

    def _key(self, frame: _Open, mapping: MapBuilder, node: Node) -> None:
        """Take a node as the key of the value that follows."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            frame.drop = True
            cure = "put it in quotes" if isinstance(node, ScalarNode) else "write a single word"
            self._problems.add(
                "GN111", "a key that is not text", node.position, label="expected text", help=cure
            )
        elif node.value in mapping.keys:
            frame.drop = True
            first = mapping.keys[node.value]
            self._problems.add(
                "GN103",
                f"duplicate key {node.value!r}",
                node.position,
                label=f"already given on line {first.line}" if first.line else "already given",
                help="keep one of the two",
            )
        else:
            frame.key = (node.value, node.position)
