"""Expressions: arithmetic that a spec may hold, with a parser of their own; nothing else can run.

choice   = either [ "if" either "else" choice ]
either   = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
sum      = product { ("+" | "-") product }
product  = sign { ("*" | "/" | "//" | "%") sign }
sign     = { "+" | "-" } power
power    = atom [ "**" sign ]
atom     = number | name | name "(" choice { "," choice } ")" | "(" choice ")"
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable

from graphnet.declare import Kind, KindError
from graphnet.errors import NumericError, nearest

Formula = Callable[[float], float]

NAMES = ("t", "epoch", "step")
"""What the count may be called."""
CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS: dict[str, tuple[Callable[..., float], int]] = {
    "abs": (abs, 1),
    "sqrt": (math.sqrt, 1),
    "exp": (math.exp, 1),
    "log": (math.log, 1),
    "sin": (math.sin, 1),
    "cos": (math.cos, 1),
    "floor": (math.floor, 1),
    "ceil": (math.ceil, 1),
    "min": (min, 2),
    "max": (max, 2),
}
"""Functions and how many values they take."""
LONGEST, DEEPEST = 500, 40

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>\*\*|//|<=|>=|==|!=|[-+*/%()<>,^]))",
    re.ASCII,
)
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SUMS: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub}
_PRODUCTS: dict[str, Callable[[float, float], float]] = {
    "*": operator.mul, "/": operator.truediv, "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip


def parse_expression(text: str) -> Formula:
    """Return what an expression computes from the count.

    Raises:
        KindError: When it is none; says where.

    Example:
        >>> parse_expression("0.5 ** (t // 30)")(60)
        0.25
        >>> parse_expression("min(1, (t + 1) / 4)")(1)
        0.5
    """
    return _Parser(text).whole()


class Expression(Kind):
    """Text that is an expression in `t`, the count of intervals."""

    def parse(self, value: object) -> str:
        """Return the text of an expression."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = repr(value)
        if not isinstance(value, str):
            raise self.refuse(value)
        parse_expression(value)
        return value

    def describe(self) -> str:
        """Return what is allowed."""
        return "an expression in t, such as '0.95 ** t'"

    def schema(self) -> dict[str, object]:
        """Return the schema of text or a number."""
        return {"type": ["string", "number"]}


def evaluated(formula: Formula, text: str, count: int) -> float:
    """Return the value of an expression at a count.

    Raises:
        NumericError: When there is none (GN603).
    """
    try:
        value = float(formula(float(count)))
    except (ArithmeticError, ValueError, TypeError) as error:
        raise NumericError(
            "GN603",
            f"the expression {text!r} cannot be computed for t = {count}: {error}",
            help="change it so that it has a value for every t of the run",
        ) from error
    return value


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise KindError(f"expected an expression of at most {LONGEST} characters")
        self._text = text
        self._tokens = list(self._cut())
        self._at = self._depth = 0

    def whole(self) -> Formula:
        formula = self._choice()
        if self._at < len(self._tokens):
            raise self._wrong("did not expect this")
        return formula

    def _cut(self) -> list[tuple[str, str, int]]:
        found: list[tuple[str, str, int]] = []
        at = 0
        while self._text[at:].strip():
            match = _TOKEN.match(self._text, at)
            if match is None or match[0].strip() == "^":
                start = at + len(self._text[at:]) - len(self._text[at:].lstrip())
                char = self._text[start]
                cure = "write ** for powers" if char == "^" else ""
                raise KindError(f"expected an expression, found {char!r} at {start + 1}", cure)
            kind = match.lastgroup or ""
            found.append((kind, match[kind], match.start(kind)))
            at = match.end()
        return found

    def _wrong(self, what: str) -> KindError:
        if self._at >= len(self._tokens):
            return KindError(f"expected an expression, {what} at its end")
        _, token, start = self._tokens[self._at]
        return KindError(f"expected an expression, {what}: {token!r} at {start + 1}")

    def _take(self, *marks: str) -> str:
        """Take the next token if it is one of the marks."""
        if self._at < len(self._tokens) and self._tokens[self._at][1] in marks:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise self._wrong(f"needs {mark!r}")

    def _choice(self) -> Formula:
        self._depth += 1
        if self._depth > DEEPEST:
            raise KindError(f"expected an expression of at most {DEEPEST} levels")
        first = self._either()
        if self._take("if"):
            condition = self._either()
            self._need("else")
            first = _chosen(first, condition, self._choice())
        self._depth -= 1
        return first

    def _either(self) -> Formula:
        left = self._sum()
        mark = self._take(*_COMPARISONS)
        return _both(_COMPARISONS[mark], left, self._sum()) if mark else left

    def _sum(self) -> Formula:
        left = self._product()
        while mark := self._take(*_SUMS):
            left = _both(_SUMS[mark], left, self._product())
        return left

    def _product(self) -> Formula:
        left = self._sign()
        while mark := self._take(*_PRODUCTS):
            left = _both(_PRODUCTS[mark], left, self._sign())
        return left

    def _sign(self) -> Formula:
        turned = False
        while mark := self._take("+", "-"):
            turned ^= mark == "-"
        inner = self._power()
        return (lambda t: -inner(t)) if turned else inner

    def _power(self) -> Formula:
        base = self._atom()
        if not self._take("**"):
            return base
        self._depth += 1
        if self._depth > DEEPEST:
            raise KindError(f"expected an expression of at most {DEEPEST} levels")
        exponent = self._sign()
        self._depth -= 1
        return _both(operator.pow, base, exponent)

    def _atom(self) -> Formula:
        if self._take("("):
            inner = self._choice()
            self._need(")")
            return inner
        if self._at >= len(self._tokens) or self._tokens[self._at][0] == "mark":
            raise self._wrong("a value is missing")
        kind, token, _ = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return _constant(float(token))
        return self._named(token)

    def _named(self, name: str) -> Formula:
        if name in NAMES:
            return lambda t: t
        if name in CONSTANTS:
            return _constant(CONSTANTS[name])
        if name not in FUNCTIONS:
            self._at -= 1
            known = [*NAMES, *CONSTANTS, *FUNCTIONS]
            error = self._wrong("there is no such name")
            raise KindError(error.message, nearest(name, known) or f"known: {', '.join(known)}")
        function, count = FUNCTIONS[name]
        self._need("(")
        values = [self._choice()]
        while self._take(","):
            values.append(self._choice())
        if len(values) < count or (count == 1 and len(values) > 1):
            raise self._wrong(f"{name} takes {count} value{'s' if count > 1 else ''} here")
        self._need(")")
        return lambda t: function(*(value(t) for value in values))


def _constant(number: float) -> Formula:
    return lambda t: number


def _both(function: Callable[[float, float], float], left: Formula, right: Formula) -> Formula:
    return lambda t: function(left(t), right(t))


def _chosen(yes: Formula, condition: Formula, no: Formula) -> Formula:
    return lambda t: yes(t) if condition(t) else no(t)
