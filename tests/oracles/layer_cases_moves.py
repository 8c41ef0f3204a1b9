"""Cases of layers that reshape, take apart, put together and select."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import LayerCase, LayerCases, Refusal, Sizes, between, whole

BATCH = "dim 0 is the batch"


def move(shape: Sizes, function: Any, keys: dict[str, Any], torch: Any = None) -> LayerCase:
    """Return a case of one input; the same methods are called on NumPy's array and PyTorch's tensor."""
    made = torch or function
    return LayerCase((shape,), lambda w, x: function(x), lambda t: made, keys)


def of_whole(shape: Sizes, function: Any, keys: dict[str, Any]) -> LayerCase:
    """Return a case of whole numbers."""
    return LayerCase((shape,), lambda w, x: function(x), None, keys, (whole(9),))


MOVES: dict[str, LayerCases] = {
    "Reshape": LayerCases(
        (
            move((2, 6), lambda x: x.reshape(-1, 3, 4), {"shape": [3, 4]}),
            move((2, 6), lambda x: x.reshape(-1, 2, 3, 2), {"shape": [2, -1, 2]}),
            move((1,), lambda x: x.reshape(-1), {"shape": []}),
            of_whole((4,), lambda x: x.reshape(-1, 2, 2), {"shape": [2, 2]}),
        ),
        (
            Refusal("shape [4] has 4 elements, the input 3", ((3,),), {"shape": [4]}),
            Refusal("shape [2, -1] leaves 3 / 2 for -1", ((3,),), {"shape": [2, -1]}),
            Refusal("has -1 more than once", ((3,),), {"shape": [-1, -1]}),
        ),
    ),
    "Unflatten": LayerCases(
        (
            move((6,), lambda x: x.reshape(-1, 2, 3), {"dim": 1, "unflattened_size": [2, 3]}),
            move(
                (2, 6), lambda x: x.reshape(-1, 2, 3, 2), {"dim": -1, "unflattened_size": [-1, 2]}
            ),
            LayerCase(
                ((6,),),
                lambda w, x: x.reshape(-1, 3, 2),
                lambda t: t.nn.Unflatten(1, (3, 2)),
                {"dim": 1, "unflattened_size": [3, 2]},
            ),
        ),
        (
            Refusal(
                "unflattened_size [4, 2] has 8 elements, the input 6",
                ((6,),),
                {"dim": 1, "unflattened_size": [4, 2]},
            ),
            Refusal(BATCH, ((6,),), {"dim": 0, "unflattened_size": [4]}),
        ),
    ),
    "Squeeze": LayerCases(
        (
            move((1, 3, 1), lambda x: x[:, 0, :, 0], {}),
            move((1, 3, 1), lambda x: x.squeeze(1), {"dim": 1}),
            move((1, 3, 1), lambda x: x[:, 0, :, 0], {"dim": [1, -1]}),
        ),
        (
            Refusal("dim 2 of the input [N, 1, 3] has size 3, not 1", ((1, 3),), {"dim": 2}),
            Refusal(BATCH, ((1,),), {"dim": 0}),
        ),
    ),
    "Unsqueeze": LayerCases(
        (
            move((3,), lambda x: x[:, None], {"dim": 1}),
            move((3, 2), lambda x: x[..., None], {"dim": -1}),
            move((), lambda x: x[:, None], {"dim": 1}),
        ),
        (
            Refusal(BATCH, ((3,),), {"dim": 0}),
            Refusal("dim 3 is outside", ((3,),), {"dim": 3}),
        ),
    ),
    "Permute": LayerCases(
        (
            move(
                (2, 3, 4),
                lambda x: x.transpose(0, 3, 1, 2),
                {"dims": [0, 3, 1, 2]},
                lambda x: x.permute(0, 3, 1, 2),
            ),
            move((2, 3), lambda x: x.swapaxes(1, 2), {"dims": [0, -1, 1]}),
            of_whole((2, 3), lambda x: x.swapaxes(1, 2), {"dims": [0, 2, 1]}),
        ),
        (
            Refusal("dims [1, 0, 2] moves the batch", ((2, 3),), {"dims": [1, 0, 2]}),
            Refusal("dims [0, 1] is not an order of the 3 dimensions", ((2, 3),), {"dims": [0, 1]}),
        ),
    ),
    "Transpose": LayerCases(
        (
            move((2, 3), lambda x: x.swapaxes(1, 2), {"dim0": 1, "dim1": 2}),
            move((2, 3, 4), lambda x: x.swapaxes(3, 1), {"dim0": -1, "dim1": 1}),
        ),
        (Refusal(BATCH, ((2, 3),), {"dim0": 0, "dim1": 1}),),
    ),
    "Expand": LayerCases(
        (
            move(
                (1, 3),
                lambda x: np.repeat(x, 2, 1),
                {"shape": [2, -1]},
                lambda x: x.expand(-1, 2, 3),
            ),
            LayerCase(
                ((3,),),
                lambda w, x: np.broadcast_to(x[:, None], (len(x), 2, 3)),
                lambda t: lambda x: x[:, None].expand(-1, 2, 3),
                {"shape": [2, 3]},
            ),
            move((2, 3), lambda x: x + 0, {"shape": [2, 3]}),
        ),
        (
            Refusal(
                "cannot expand [N, 2, 3] to [N, 4, 3]: 2 is neither 1 nor 4",
                ((2, 3),),
                {"shape": [4, 3]},
            ),
            Refusal("it has more dimensions", ((2, 3),), {"shape": [3]}),
        ),
    ),
    "Tile": LayerCases(
        (
            LayerCase(
                ((2, 3),),
                lambda w, x: np.tile(x, (1, 2, 3)),
                lambda t: lambda x: t.tile(x, (1, 2, 3)),
                {"repeats": [2, 3]},
            ),
            LayerCase(
                ((2, 3),),
                lambda w, x: np.tile(x, (1, 1, 2)),
                lambda t: lambda x: t.tile(x, (2,)),
                {"repeats": [2]},
            ),
        ),
        (
            Refusal(
                "repeats [2, 2] has 2 numbers, the input [N, 3] 1 dimensions",
                ((3,),),
                {"repeats": [2, 2]},
            ),
        ),
    ),
    "Flip": LayerCases(
        (
            move((4,), lambda x: x[:, ::-1], {}, lambda x: x.flip(1)),
            move((2, 3), lambda x: x[:, ::-1, ::-1], {"dims": [1, 2]}, lambda x: x.flip(1, 2)),
            move((2, 3), lambda x: x[:, :, ::-1], {"dims": -1}, lambda x: x.flip(2)),
        ),
        (Refusal(BATCH, ((3,),), {"dims": 0}), Refusal("needs a dimension", ((),))),
    ),
    "Roll": LayerCases(
        (
            move((4,), lambda x: np.roll(x, 1, 1), {"shifts": 1}, lambda x: x.roll(1, 1)),
            move(
                (3, 4),
                lambda x: np.roll(x, (-1, 2), (1, 2)),
                {"shifts": [-1, 2], "dims": [1, 2]},
                lambda x: x.roll((-1, 2), (1, 2)),
            ),
            move((4,), lambda x: x + 0, {"shifts": 8}),
        ),
        (
            Refusal(BATCH, ((3,),), {"shifts": 1, "dims": 0}),
            Refusal("shifts has 2 numbers, dims 1", ((3,),), {"shifts": [1, 2], "dims": 1}),
        ),
    ),
    "Stack": LayerCases(
        (
            LayerCase(
                ((3,), (3,)), lambda w, *xs: np.stack(xs, 1), lambda t: lambda *xs: t.stack(xs, 1)
            ),
            LayerCase(
                ((2, 3), (2, 3), (2, 3)),
                lambda w, *xs: np.stack(xs, -1),
                lambda t: lambda *xs: t.stack(xs, -1),
                {"dim": -1},
            ),
        ),
        (
            Refusal("cannot stack float32[N, 3] and float32[N, 4]", ((3,), (4,))),
            Refusal(BATCH, ((3,), (3,)), {"dim": 0}),
        ),
    ),
    "Split": LayerCases(
        (
            LayerCase(
                ((5,),),
                lambda w, x: np.split(x, [2, 3], 1),
                lambda t: lambda x: x.split([2, 1, 2], 1),
                {"sizes": [2, 1, 2]},
            ),
            LayerCase(
                ((2, 3),),
                lambda w, x: np.split(x, [2], 2),
                lambda t: lambda x: x.split([2, 1], 2),
                {"sizes": [2, 1], "dim": -1},
            ),
            LayerCase(
                ((2,),), lambda w, x: [x], lambda t: lambda x: x.split([2], 1), {"sizes": [2]}
            ),
        ),
        (
            Refusal(
                "do not fit dim 1 of the input [N, 3]: 2 + 2 = 4, not 3", ((3,),), {"sizes": [2, 2]}
            ),
            Refusal("sizes is empty", ((3,),), {"sizes": []}),
        ),
    ),
    "Chunk": LayerCases(
        (
            LayerCase(
                ((4,),),
                lambda w, x: np.split(x, 2, 1),
                lambda t: lambda x: x.chunk(2, 1),
                {"chunks": 2},
            ),
            LayerCase(
                ((2, 5),),
                lambda w, x: [x[:, :, :2], x[:, :, 2:4], x[:, :, 4:]],
                lambda t: lambda x: x.chunk(3, 2),
                {"chunks": 3, "dim": 2},
            ),
        ),
        (
            Refusal("wrong value for 'chunks'", ((5,),), {"chunks": 10**9}),
            Refusal(
                "dim 1 of the input [N, 5] gives 3 chunks of ceil(5 / 4) = 2, not 4",
                ((5,),),
                {"chunks": 4},
            ),
        ),
    ),
    "Slice": LayerCases(
        (
            move((5,), lambda x: x[:, 1:4], {"start": 1, "stop": 4}),
            move((5, 2), lambda x: x[:, -3:], {"start": -3}),
            move((2, 7), lambda x: x[:, :, ::3], {"dim": 2, "step": 3}),
            move((2, 7), lambda x: x[:, :, 1:7:2], {"dim": 2, "start": 1, "step": 2}),
            move((3,), lambda x: x[:, ::5], {"step": 5}),
            of_whole((5,), lambda x: x[:, 1:4], {"start": 1, "stop": 4}),
        ),
        (
            Refusal(
                "nothing lies in 3:2 of dim 1 of the input [N, 5], which are places 3 to 2 of 5",
                ((5,),),
                {"start": 3, "stop": 2},
            ),
            Refusal(BATCH, ((3,),), {"dim": 0}),
        ),
    ),
    "Narrow": LayerCases(
        (
            move((5,), lambda x: x[:, 1:4], {"dim": 1, "start": 1, "length": 3}),
            move((2, 5), lambda x: x[:, :, -2:], {"dim": 2, "start": -2, "length": 2}),
        ),
        (
            Refusal(
                "3 places from 3 on do not fit dim 1 of the input [N, 5]: 3 + 3 is not within 0 to 5",
                ((5,),),
                {"dim": 1, "start": 3, "length": 3},
            ),
        ),
    ),
    "Select": LayerCases(
        (
            move((5,), lambda x: x[:, 2], {"dim": 1, "index": 2}),
            move((3, 5), lambda x: x[:, -1], {"dim": 1, "index": -1}),
        ),
        (
            Refusal(
                "index 5 is outside dim 1 of the input [N, 5], which has the places -5 to 4",
                ((5,),),
                {"dim": 1, "index": 5},
            ),
        ),
    ),
    "Index": LayerCases(
        (
            move((5,), lambda x: x[:, [3, 4, 0, 0]], {"dim": 1, "index": [3, 4, 0, 0]}),
            move((2, 3), lambda x: x[:, :, [2, 0]], {"dim": 2, "index": [-1, 0]}),
            move((4,), lambda x: x[:, 1:3], {"dim": 1, "index": [1, 2]}),
        ),
        (
            Refusal("index 7 is outside dim 1", ((5,),), {"dim": 1, "index": [0, 7]}),
            Refusal("index is empty", ((5,),), {"dim": 1, "index": []}),
        ),
    ),
    "Gather": LayerCases(
        (
            LayerCase(
                ((5,), (3,)),
                lambda w, x, i: np.take_along_axis(x, i, 1),
                lambda t: lambda x, i: x.gather(1, i),
                {},
                (between(-1.0, 1.0), whole(5)),
            ),
            LayerCase(
                ((4, 2), (3, 2)),
                lambda w, x, i: np.take_along_axis(x, i, 1),
                lambda t: lambda x, i: x.gather(1, i),
                {"dim": 1},
                (between(-1.0, 1.0), whole(4)),
            ),
        ),
        (
            Refusal("needs whole numbers for the index", ((5,), (3,))),
            Refusal("needs floating point numbers", ((5,), (3,)), {}, "int64"),
        ),
    ),
    "OneHot": LayerCases(
        (
            LayerCase(
                ((),),
                lambda w, x: np.eye(4)[x],
                lambda t: lambda x: t.nn.functional.one_hot(x, 4).double(),
                {"num_classes": 4},
                (whole(4),),
            ),
            LayerCase(
                ((2, 3),),
                lambda w, x: np.eye(5)[x],
                lambda t: lambda x: t.nn.functional.one_hot(x, 5).double(),
                {"num_classes": 5},
                (whole(5),),
            ),
        ),
        (Refusal("needs whole numbers for the input", ((3,),), {"num_classes": 3}),),
    ),
}
