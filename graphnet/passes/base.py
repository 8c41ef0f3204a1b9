"""Pass: a change of an instruction list that leaves its results as they were."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from graphnet.ir import InstructionList


@dataclass(frozen=True)
class Pass(ABC):
    """Base of all passes: frozen options, a name, and `apply`, which never changes its input."""

    name: ClassVar[str]

    @abstractmethod
    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the changed list."""
