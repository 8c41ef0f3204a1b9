"""Networks over sequences that people would write: recurrences with lengths, attention to a memory."""

from __future__ import annotations

from networks import Plain, linear, network, one

SENTENCES = network(
    {"word": {"shape": [4], "dtype": "int64"}, "count": {"shape": [], "dtype": "int64"}},
    {"t": {"shape": [], "dtype": "int64", "classes": 4}},
    {
        "look": {
            "type": "Embedding",
            "inputs": "word",
            "num_embeddings": 5,
            "embedding_dim": 3,
        },
        "both": {
            "type": "GRU",
            "inputs": ["look", "count"],
            "hidden_size": 2,
            "bidirectional": True,
        },
        "norm": "RMSNorm",
        "memory": {"type": "LSTM", "hidden_size": 3, "proj_size": 2, "num_layers": 2},
        "last": {"type": "Flatten", "inputs": "memory.hidden"},
        "again": {"type": "RNN", "inputs": ["memory", "both.hidden"], "hidden_size": 2}
        | {"bidirectional": True, "nonlinearity": "relu"},
        "cells": {"type": "LSTMCell", "inputs": "last", "hidden_size": 2},
        "flat": {"type": "Flatten", "inputs": "again"},
        "all": {"type": "Cat", "inputs": ["flat", "cells.cell", "last"]},
        "scores": linear(4),
    },
    one("CrossEntropyLoss", "scores", "t", dim=1),
)

MEMORY = network(
    {"x": [4, 4], "y": [3, 4]},
    {"t": [3, 4]},
    {
        "where": {"type": "SinusoidalPositions", "inputs": "x"},
        "encoder": {"type": "TransformerEncoderLayer", "nhead": 2, "dim_feedforward": 5}
        | {"dropout": 0.0, "norm_first": True, "activation": "gelu", "is_causal": True},
        "learned": {"type": "LearnedPositions", "inputs": "y"},
        "decoder": {
            "type": "TransformerDecoderLayer",
            "inputs": ["learned", "encoder"],
            "nhead": 1,
            "dim_feedforward": 3,
            "dropout": 0.0,
            "activation": "gelu",
        },
        "turned": "RotaryPositions",
        "instance": {"type": "InstanceNorm1d", "track_running_stats": True, "affine": True},
        "groups": {"type": "GroupNorm", "num_groups": 3, "inputs": "decoder"},
        "mixed": {"type": "MultiheadAttention", "inputs": ["turned", "instance", "groups"]}
        | {"num_heads": 2, "add_bias_kv": True, "add_zero_attn": True},
        "sum": {"type": "Add", "inputs": ["mixed", "decoder"]},
    },
    one("MSELoss", "sum", "t"),
)

SEQUENCES: dict[str, Plain] = {"sentences": SENTENCES, "memory": MEMORY}
"""All of them by name."""
