"""Dead code: what reaches nothing is dropped."""

from __future__ import annotations

from handmade import N, after, item, listing, of, table
from lists import lines

from graphnet.ir import Batch, Buffer, InstructionList, View
from graphnet.passes import DeadCode


def chain() -> InstructionList:
    return listing(
        table(
            x=(of(N, 3), "input"),
            a=(of(N, 3), "activation"),
            b=(of(N, 3), "activation"),
            c=(of(N, 3), "activation"),
            idle=(of(N, 3), "activation"),
            statistic=(of(1, 3), "statistic"),
            mean=(of(1, 3), "activation"),
            scratch=(of(1, 3), "workspace"),
            w=(of(4), "parameter"),
            g=(of(4), "gradient"),
            part=Buffer("part", of(4), "gradient", View("g", "span", (0,))),
        ),
        forward=(
            item("tanh", "x", "a"),
            item("relu", "a", "idle"),
            item("tanh", "a", "b"),
            item("mean", "x", "mean", axes=(0,), keepdims=True),
            item("running_average", "mean x", "scratch", "statistic", momentum=0.1, unbiased=False),
        ),
        backward=(item("tanh", "b", "c"), item("tanh", "w", "part")),
        update=(item("add", "w g", "w"),),
        outputs=("b",),
    )


def test_dead_code_keeps_what_reaches_outputs_and_lasting_memory() -> None:
    made = after(DeadCode(), chain())
    assert lines(made.forward) == [
        "a = tanh(x)",
        "b = tanh(a)",
        "mean = mean(x)",
        "scratch +statistic = running_average(mean, x)",
    ]
    assert lines(made.backward) == ["part = tanh(w)"]
    assert lines(made.update) == ["w = add(w, g)"]
    assert {"idle", "c"}.isdisjoint(made.buffers)
    assert "statistic" in made.buffers


def test_dead_code_keeps_kept_values_of_any_list() -> None:
    made = after(DeadCode(), chain().replace(keep=("c",)))
    assert lines(made.backward) == ["c = tanh(b)", "part = tanh(w)"]


def test_dead_code_follows_views() -> None:
    buffers = {
        **chain().buffers,
        "view": Buffer("view", of(Batch(3)), "activation", View("idle", "reshape")),
    }
    made = after(DeadCode(), chain().replace(buffers=buffers, outputs=("b", "view")))
    assert "idle = relu(a)" in lines(made.forward)
    assert {"idle", "view"} <= set(made.buffers)
