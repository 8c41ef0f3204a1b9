"""Einsum: sums of products by letters, lowered to sums, permutations and products of matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Text, setting
from graphnet.errors import counted
from graphnet.ir import Dim, Shape, TensorType, product, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.function import Function
from graphnet.layers.layer import LayerError
from graphnet.ops import Emitter, Value


@dataclass(frozen=True)
class Term:
    """A value whose dimensions have letters."""

    value: Value
    letters: str


def parse_equation(equation: str) -> tuple[list[str], str]:
    """Return the letters of each input and of the result.

    Raises:
        LayerError: Saying which part is wrong.

    Example:
        >>> parse_equation("nij, njk -> nik")
        (['nij', 'njk'], 'nik')
    """
    left, arrow, result = equation.replace(" ", "").partition("->")
    if not arrow:
        raise LayerError(f"equation {equation!r} has no '->'", "write it as 'nij,njk->nik'")
    if not result:
        raise LayerError(
            f"equation {equation!r} has no result", "write at least the batch's letter after '->'"
        )
    terms = left.split(",")
    for letters in (*terms, result):
        if not (letters.isascii() and letters.isalpha()):
            raise LayerError(
                f"{letters!r} in equation {equation!r} is not made of letters",
                "give every dimension a letter, the batch too",
            )
        if len(set(letters)) < len(letters):
            raise LayerError(f"a letter stands twice in {letters!r} of equation {equation!r}")
        if letters[0] != result[0]:
            raise LayerError(
                f"{letters!r} in equation {equation!r} does not begin with the batch, {result[0]!r}",
                "the first letter of every term is the batch, which is never summed or moved",
            )
    unknown = sorted(set(result) - set(left))
    if unknown:
        raise LayerError(f"{unknown[0]!r} in the result of equation {equation!r} is in no input")
    return terms, result


@dataclass(frozen=True, kw_only=True)
class Einsum(Function):
    """Sum of products by letters: `equation: "nij,njk->nik"` is a product of matrices for each sample.

    A letter that is not in the result is summed over. Every term begins with the batch's letter; there is no
    `...`, and no letter stands twice in a term (diagonals). Products are taken from left to right.
    """

    arity = (1, None)
    equation: str = setting(Text(), doc="letters of every input and of the result, the batch first")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse equations that do not fit the inputs."""
        needs_floats(inputs)
        terms, _ = parse_equation(self.equation)
        if len(terms) != len(inputs):
            raise LayerError(
                f"equation {self.equation!r} has {counted(len(terms), 'term')}, the layer "
                f"{counted(len(inputs), 'input')}"
            )
        sizes: dict[str, Dim] = {}
        for letters, x in zip(terms, inputs, strict=True):
            if len(letters) != x.rank:
                raise LayerError(
                    f"{letters!r} in equation {self.equation!r} has {len(letters)} letters, the input "
                    f"{shape_text(x.shape)} {x.rank} dimensions"
                )
            for letter, dim in zip(letters, x.shape, strict=True):
                if sizes.setdefault(letter, dim) != dim:
                    raise LayerError(
                        f"{letter!r} in equation {self.equation!r} is {sizes[letter]} and, in the input "
                        f"{shape_text(x.shape)}, {dim}"
                    )

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a product per further input, each after what only one of the two needs is summed."""
        letters, result = parse_equation(self.equation)
        terms = [Term(x, own) for x, own in zip(inputs, letters, strict=True)]
        found = terms[0]
        for number, other in enumerate(terms[1:], start=2):
            later = set(result).union(*(term.letters for term in terms[number:]))
            found = _multiplied(e, found, other, later)
        found = _summed(e, found, set(result))
        return _ordered(e, found, result)


def _summed(e: Emitter, term: Term, needed: set[str]) -> Term:
    """Sum over the letters that nothing needs."""
    axes = tuple(at for at, letter in enumerate(term.letters) if letter not in needed)
    if not axes:
        return term
    kept = "".join(letter for letter in term.letters if letter in needed)
    return Term(e.emit("sum", term.value, axes=axes, keepdims=False), kept)


def _ordered(e: Emitter, term: Term, letters: str) -> Value:
    """Put the dimensions in the order of the letters."""
    if term.letters == letters:
        return term.value
    axes = tuple(term.letters.index(letter) for letter in letters)
    return e.emit("permute", term.value, axes=axes)


def _sizes(*terms: Term) -> Mapping[str, Dim]:
    return {
        letter: dim
        for term in terms
        for letter, dim in zip(term.letters, term.value.shape, strict=True)
    }


def _multiplied(e: Emitter, a: Term, b: Term, later: set[str]) -> Term:
    """Multiply two terms, summing over the letters that nothing needs later."""
    a = _summed(e, a, later | set(b.letters))
    b = _summed(e, b, later | set(a.letters))
    both = [letter for letter in a.letters if letter in b.letters]
    kept = "".join(letter for letter in both if letter in later)
    gone = "".join(letter for letter in both if letter not in later)
    mine = "".join(letter for letter in a.letters if letter not in b.letters)
    theirs = "".join(letter for letter in b.letters if letter not in a.letters)
    sizes = _sizes(a, b)

    def shape_of(letters: str) -> Shape:
        return tuple(sizes[letter] for letter in letters)

    left, right = _ordered(e, a, kept + mine + gone), _ordered(e, b, kept + gone + theirs)
    if not gone:
        left = e.emit("reshape", left, shape=shape_of(kept + mine) + (1,) * len(theirs))
        right = e.emit("reshape", right, shape=shape_of(kept) + (1,) * len(mine) + shape_of(theirs))
        return Term(e.emit("mul", left, right), kept + mine + theirs)
    batch, inner = product(shape_of(kept)), product(shape_of(gone))
    left = e.emit("reshape", left, shape=(batch, product(shape_of(mine)), inner))
    right = e.emit("reshape", right, shape=(batch, inner, product(shape_of(theirs))))
    made = e.emit("matmul", left, right, transpose_a=False, transpose_b=False)
    letters = kept + mine + theirs
    return Term(e.emit("reshape", made, shape=shape_of(letters)), letters)
