"""Wrong adjoint rules of ops that run along sequences."""

from __future__ import annotations

from wrong_rules import Control, dropped, product, right

from graphnet.ops import Adjoint, Value


def states_weight(c: Adjoint, gradient: Value, place: int) -> Value:
    """Multiply the gradient of a recurrence's gates by the states from some place on."""
    states = c["states"]
    rows, steps, batch = (int(str(dim)) for dim in gradient.shape)
    held = c.emit("slice", states, axis=0, start=place, stop=place + steps)
    turned = c.emit("permute", held, axes=(1, 0, 2))
    left = c.emit("reshape", gradient, shape=(rows, steps * batch))
    right = c.emit("reshape", turned, shape=(states.shape[1], steps * batch))
    return product(c, left, right, False, True)


def own_share(c: Adjoint) -> Value:
    """Give the first state of a recurrence the gradient of its place alone, no step's."""
    first = int(str(c["states"].shape[0])) - 1 if c.options["reverse"] else 0
    place = c.emit("slice", c.g, axis=0, start=first, stop=first + 1)
    return c.emit("reshape", place, shape=c["h0"].shape)


RECURRENT_CONTROLS: tuple[Control, ...] = (
    *(
        Control(
            "states after the step",
            f"{kind}_sequence",
            "weight",
            lambda c, kind=kind: states_weight(  # type: ignore[misc]
                c,
                right(f"{kind}_sequence", "projected")(c),
                0 if c.options["reverse"] else 1,
            ),
        )
        for kind in ("rnn", "lstm")
    ),
    Control(
        "gradient of projected for that of u",
        "gru_sequence",
        "weight",
        lambda c: states_weight(
            c, right("gru_sequence", "projected")(c), 1 if c.options["reverse"] else 0
        ),
    ),
    Control(
        "gradient of projected for that of u",
        "gru_sequence",
        "bias",
        lambda c: c.emit("sum", right("gru_sequence", "projected")(c), axes=(1, 2), keepdims=False),
    ),
    Control("gradient of the state", "lstm_sequence", "c0", right("lstm_sequence", "h0")),
    *(
        Control("no way back through the steps", f"{kind}_sequence", "h0", own_share)
        for kind in ("rnn", "gru", "lstm")
    ),
    Control(
        "what is not reduced yet",
        "reduced_lstm_sequence",
        "reduction",
        lambda c: c.emit("scale", c["reduction"], factor=1.0),
    ),
    dropped("reverse_sequence", "x"),
)
