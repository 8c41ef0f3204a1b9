"""Arrays by name, as a Network offers them: to be filled, not to be replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from graphnet.backend import Array
from graphnet.errors import NotCallableError, ReadOnlyError, UnknownNameError, listed, nearest


class NamedArrays(Mapping[str, Array]):
    """Writable views by name. To give one a new array would change nothing that computes."""

    def __init__(self, arrays: Mapping[str, Array], what: str) -> None:
        """Show arrays.

        Args:
            arrays: By name.
            what: What one of them is, in a message: `parameter`.
        """
        self._arrays = arrays
        self._what = what

    def __getitem__(self, name: str) -> Array:
        """Return the view.

        Raises:
            UnknownNameError: When there is none of that name (GN717); a KeyError too.
        """
        try:
            return self._arrays[name]
        except KeyError:
            pass
        raise UnknownNameError(
            "GN717",
            f"the network has no {self._what} {name!r}",
            help=nearest(str(name), self._arrays),
            notes=[f"{self._what}s: {listed(self._arrays) or 'none'}"],
        )

    def __setitem__(self, name: str, value: object) -> NoReturn:
        """Refuse it.

        Raises:
            ReadOnlyError: Always (GN719); a TypeError too.
        """
        raise ReadOnlyError(
            "GN719",
            f"the {self._what} {name!r} cannot be replaced by another array",
            help=f"fill it: {self._what}s[{name!r}][...] = value",
            notes=["the instructions compute with the memory that is there; nothing was changed"],
        )

    def __call__(self) -> NoReturn:
        """Refuse it.

        Raises:
            NotCallableError: Always (GN719); a TypeError too.
        """
        raise NotCallableError(
            "GN719",
            f"{self._what}s is a mapping from names to arrays, which is not called",
            help=f"leave the parentheses out: {self._what}s, or {self._what}s.values()",
        )

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {tuple(a.shape)}" for name, a in self._arrays.items())
        return f"<{self._what}s: {shapes}>"
