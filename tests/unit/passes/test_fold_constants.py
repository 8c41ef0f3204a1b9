"""Fold constants: what depends on constants only is computed once."""

from __future__ import annotations

from handmade import N, after, item, listing, of, table
from lists import lines

from graphnet.ir import Buffer
from graphnet.passes import FoldConstants


def test_what_depends_on_constants_only_moves_to_setup() -> None:
    before = listing(
        table(
            one=Buffer("one", of(), "constant", None, 1.0),
            x=(of(N, 3), "input"),
            a=(of(N, 3), "adjoint"),
            b=(of(N, 3), "adjoint"),
            scratch=(of(N, 3), "workspace"),
            c=(of(N, 3), "adjoint"),
        ),
        forward=(item("expand", "one", "a", shape=(N, 3), axes=(0, 1), mean=True),),
        backward=(item("tanh_gradient", "a a", "b scratch"), item("mul", "b x", "c")),
        keep=("c",),
    )
    made = after(FoldConstants(), before)
    assert lines(made.setup) == ["a = expand(one)", "b = tanh_gradient(a, a)"]
    assert lines(made.forward + made.backward) == ["c = mul(b, x)"]
    roles = {name: buffer.role for name, buffer in made.buffers.items()}
    assert (roles["a"], roles["b"], roles["scratch"]) == ("constant", "constant", "workspace")


def test_what_reads_an_input_a_parameter_or_a_stream_is_not_constant() -> None:
    before = listing(
        table(
            x=(of(N, 3), "input"),
            w=(of(3), "parameter"),
            a=(of(N, 3), "activation"),
            m=(of(N, 3), "activation"),
        ),
        forward=(
            item("add", "x w", "a"),
            item("dropout_mask", "", "m", p=0.5, stream="s", shape=(N, 3), dtype="float32"),
        ),
    )
    assert after(FoldConstants(), before) == before


def test_the_update_list_is_not_folded() -> None:
    before = listing(
        table(one=(of(dtype="float64"), "constant"), out=(of(), "workspace")),
        update=(item("affine", "one", "out", factor=2.0, offset=0.0, dtype="float32"),),
    )
    assert after(FoldConstants(), before) == before


def test_what_draws_is_not_constant_though_it_reads_nothing() -> None:
    drawing = {"stream": "s", "shape": (N, 3), "dtype": "float32"}
    before = listing(
        table(
            u=(of(N, 3), "activation"), n=(of(N, 3), "activation"), scratch=(of(N, 3), "workspace")
        ),
        forward=(
            item("uniform", "", "u", **drawing),
            item("standard_normal", "", "n scratch", **drawing),
        ),
    )
    assert after(FoldConstants(), before) == before
