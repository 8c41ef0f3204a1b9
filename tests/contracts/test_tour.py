"""The tour is true: every command on the page prints what the page says, and its pictures are up to date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import ROOT, Command

from graphnet.compiler import compile_spec
from graphnet.graph import build_network
from graphnet.ops import OPS
from graphnet.spec import load_spec
from graphnet.viz import picture_of, to_bytes

TOUR = (ROOT / "docs" / "tour.md").read_text("utf-8")
SPEC = ROOT / "specs" / "mlp.yaml"
BLOCKS = re.findall(r"```\n\$ graphnet ([^\n]*)\n(.*?)```", TOUR, re.DOTALL)
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")
GAP = "..."


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(ROOT)
    return Command(capsys)


def words(line: str) -> list[str]:
    """Return a line without how it is spaced."""
    return re.sub(r"([\[\]])", r" \1 ", line).split()


def same(shown: str, printed: str) -> bool:
    """Compare two lines: words exactly, numbers to five digits."""
    one, other = words(shown), words(printed)
    if len(one) != len(other):
        return False
    for left, right in zip(one, other, strict=True):
        if left != right and not (NUMBER.fullmatch(left) and NUMBER.fullmatch(right)):
            return False
        if left != right and float(left) != pytest.approx(float(right), rel=2e-5, abs=1e-9):
            return False
    return True


def parts(text: str) -> Iterator[list[str]]:
    """Yield what stands between the gaps."""
    part: list[str] = []
    for line in text.splitlines():
        if line.strip() == GAP:
            yield part
            part = []
        elif line.strip():
            part.append(line)
    yield part


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_commands_print_what_the_tour_shows(cli: Command, command: str, shown: str) -> None:
    printed = [line for line in cli.good(*command.split()).out.splitlines() if line.strip()]
    place = 0
    for number, part in enumerate(parts(shown)):
        ways = range(place, len(printed) - len(part) + 1) if number else [0]
        found = next(
            (at for at in ways if all(map(same, part, printed[at : at + len(part)]))), None
        )
        assert found is not None, f"not printed: {part}"
        place = found + len(part)
    if not shown.rstrip().endswith(GAP):
        assert place == len(printed), "all of it is shown"


def test_there_are_commands_on_the_page() -> None:
    assert len(BLOCKS) == 7


def test_the_table_of_adjoints_is_that_of_the_ops() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", TOUR, re.MULTILINE)
    program = compile_spec(SPEC)
    assert {op for op, *_ in rows} == {item.op for item in program.forward}
    emitted = {item.op for item in (*program.main.listing.setup, *program.backward)}
    told = set()
    for op, formula, rule, instructions in rows:
        assert formula.replace("&#124;", "|") == OPS[op].formula
        differentiable = {name for name in OPS[op].adjoint or {} if f"d:{name} = " in rule}
        assert differentiable == set(OPS[op].adjoint or {})
        told |= set(re.findall(r"`(\w+)`", instructions))
    assert told == emitted


@pytest.mark.parametrize("level", ["ops", "program", "memory"])
def test_pictures_are_up_to_date(level: str) -> None:
    network = build_network(load_spec(SPEC))
    picture = picture_of(level, network, lambda: compile_spec(SPEC))
    shown = ROOT / "docs" / "pictures" / f"mlp-{level}.svg"
    assert shown.read_bytes() == to_bytes(picture, "svg"), "make pictures draws it again"


def test_pictures_are_shown_and_there() -> None:
    shown = re.findall(r'src="(.*?)"', TOUR)
    assert shown == [f"pictures/{n}.svg" for n in ("mlp", "mlp-ops", "mlp-memory", "mlp-program")]
    assert all((ROOT / "docs" / Path(name)).is_file() for name in shown)
