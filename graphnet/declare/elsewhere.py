"""Elsewhere: names of layers, losses and settings in other libraries, and what they are called here."""

from __future__ import annotations

from collections.abc import Collection

_SEQUENCE = "layers are written one after the other; to repeat some, write a block"
_POOLED = "write AdaptiveAvgPool{}d with output_size: 1, then Flatten"
_LARGEST = "write AdaptiveMaxPool{}d with output_size: 1, then Flatten"
_INFERRED = "leave it out: sizes of inputs are inferred"
_STATED = "add it as a layer of its own: {type: ReLU}"
_START = "write init: {weight: ..., bias: ...}"
_RULES = "write it under regularizers:"

TYPES = {
    "sequential": _SEQUENCE,
    "modulelist": _SEQUENCE,
    "moduledict": _SEQUENCE,
    "container": _SEQUENCE,
    "parameterlist": "write a Parameter for each",
    "parameterdict": "write a Parameter for each",
    "input": "declare it under inputs:",
    "syncbatchnorm": "write BatchNorm1d, BatchNorm2d or BatchNorm3d",
    "batchnorm": "write BatchNorm1d, BatchNorm2d or BatchNorm3d",
    "batchnormalization": "write BatchNorm1d, BatchNorm2d or BatchNorm3d",
    "layernormalization": "did you mean 'LayerNorm'?",
    "groupnormalization": "did you mean 'GroupNorm'?",
    "crossmaplrn2d": "did you mean 'LocalResponseNorm'?",
    "lrn": "did you mean 'LocalResponseNorm'?",
    "dense": "did you mean 'Linear'?",
    "innerproduct": "did you mean 'Linear'?",
    "fullyconnected": "did you mean 'Linear'?",
    "convolution": "write Conv1d, Conv2d or Conv3d",
    "conv": "write Conv1d, Conv2d or Conv3d",
    "deconvolution": "write ConvTranspose1d, ConvTranspose2d or ConvTranspose3d",
    "pooling": "write MaxPool2d or AvgPool2d",
    "maxpool": "write MaxPool1d, MaxPool2d or MaxPool3d",
    "avgpool": "write AvgPool1d, AvgPool2d or AvgPool3d",
    "averagepooling1d": "did you mean 'AvgPool1d'?",
    "averagepooling2d": "did you mean 'AvgPool2d'?",
    "averagepooling3d": "did you mean 'AvgPool3d'?",
    **{f"globalaveragepooling{n}d": _POOLED.format(n) for n in (1, 2, 3)},
    **{f"globalavgpool{n}d": _POOLED.format(n) for n in (1, 2, 3)},
    **{f"globalmaxpooling{n}d": _LARGEST.format(n) for n in (1, 2, 3)},
    **{f"globalmaxpool{n}d": _LARGEST.format(n) for n in (1, 2, 3)},
    "swish": "did you mean 'SiLU'?",
    "activation": "write the activation's own name: ReLU, Tanh, GELU ...",
    "concat": "did you mean 'Cat'?",
    "concatenate": "did you mean 'Cat'?",
    "multiply": "did you mean 'Mul'?",
    "subtract": "did you mean 'Sub'?",
    "eltwise": "write Add, Mul or Maximum",
    "detach": "did you mean 'StopGradient'?",
    "dropblock": "did you mean 'Dropout2d'?",
    "droppath": "did you mean 'StochasticDepth'?",
    "spatialdropout1d": "did you mean 'Dropout1d'?",
    "spatialdropout2d": "did you mean 'Dropout2d'?",
    "spatialdropout3d": "did you mean 'Dropout3d'?",
    "simplernn": "did you mean 'RNN'?",
    "bidirectional": "write bidirectional: true in the recurrent layer",
    "timedistributed": "leave it out: Linear and activations take any dimensions before the last",
    "lambda": "compose it of layers; files run no code",
    "nllloss2d": "did you mean 'NLLLoss'?",
    "linearcrossentropyloss": "write a Linear layer and CrossEntropyLoss",
    "binarycrossentropy": "did you mean 'BCELoss', or 'BCEWithLogitsLoss' for logits?",
    "categoricalcrossentropy": "did you mean 'CrossEntropyLoss'? It takes logits",
    "sparsecategoricalcrossentropy": "did you mean 'CrossEntropyLoss'? It takes logits",
    "softmaxwithloss": "did you mean 'CrossEntropyLoss'?",
    "meansquarederror": "did you mean 'MSELoss'?",
    "euclideanloss": "did you mean 'MSELoss'?",
    "meanabsoluteerror": "did you mean 'L1Loss'?",
    "mae": "did you mean 'L1Loss'?",
}
"""By name in small letters: what to write."""

_SHORT = {
    "acc": ("accuracy",),
    "auc": ("roc_auc",),
    "auroc": ("roc_auc",),
    "f1_score": ("f1",),
    "cosine": ("CosineAnnealingLR", "CosineEmbeddingLoss", "CosineSimilarity"),
    "plateau": ("ReduceLROnPlateau",),
    "triplet": ("TripletMarginLoss",),
    "tripletloss": ("TripletMarginLoss",),
    "view": ("Reshape",),
    "randn": ("GaussianNoise",),
    "rand_like": ("GaussianNoise",),
    "randn_like": ("GaussianNoise",),
    "noise": ("GaussianNoise",),
}
"""By name in small letters: rows that mean the same, of which a table may have one."""

SETTINGS = {
    "batch_first": "leave it out: sequences are always batch-first",
    "inplace": "leave it out: results are put in place wherever that is possible",
    "device": "leave it out: everything runs on the processor",
    "dtype": "leave it out: dtype stands once, at the top of the spec",
    "sparse": "leave it out: gradients are dense",
    "_weight": "write init: {weight: {type: from_file, path: ...}}",
    "_freeze": "write trainable: false",
    "requires_grad": "write trainable: false to freeze the layer's parameters",
    "size_average": "write reduction: mean or reduction: sum",
    "reduce": "write reduction: mean or reduction: sum",
    "include_last_offset": "leave it out: every sample has its own indices, filled up with padding_idx",
    "scale_grad_by_freq": "leave it out: gradients of rows are sums",
    "input_shape": _INFERRED,
    "input_dim": _INFERRED,
    "activation": _STATED,
    "kernel_initializer": _START,
    "bias_initializer": _START,
    "kernel_regularizer": _RULES,
    "bias_regularizer": _RULES,
    "activity_regularizer": _RULES,
    "kernel_constraint": "write it under constraints:",
    "amount": "to add a number, write {type: Shift, amount: ...}",
    "factor": "to multiply by a number, write {type: Scale, factor: ...}",
}
"""By name: what to write instead, or why it is not needed."""

_RENAMED = {
    "units": ("out_features", "hidden_size"),
    "num_output": ("out_features", "out_channels"),
    "filters": ("out_channels",),
    "use_bias": ("bias",),
    "bias_term": ("bias",),
    "strides": ("stride",),
    "rate": ("p", "dropout"),
    "pool_size": ("kernel_size",),
    "axis": ("dim", "dims", "normalized_shape"),
    "keepdims": ("keepdim",),
    "epsilon": ("eps",),
    "output_dim": ("embedding_dim", "out_features"),
    "d_model": ("embed_dim",),
    "learning_rate": ("lr",),
    "params": ("match",),
}
"""By name: keys that mean the same, of which an entry may have one."""


_WORDS = {
    "long": ("int64",),
    "int": ("int64",),
    "int8": ("int64",),
    "int32": ("int64",),
    "uint8": ("int64",),
    "bool": ("int64",),
    "float": ("float32",),
    "half": ("float32",),
    "float16": ("float32",),
    "bfloat16": ("float32",),
    "double": ("float64",),
    **{name: (name,) for name in ("int64", "float32", "float64")},
}
"""By word: words that mean the same or what comes nearest to it, of which one may be allowed."""

_NUMBERS = {
    "Mul": "{{type: Scale, factor: {0:g}}}",
    "Div": "{{type: Scale, factor: {inverse:g}}}",
    "Add": "{{type: Shift, amount: {0:g}}}",
    "Sub": "{{type: Shift, amount: {negative:g}}}",
    "Pow": "{{type: Pow, exponent: {0:g}}}",
    "Maximum": "{{type: Clamp, min: {0:g}}}",
    "Minimum": "{{type: Clamp, max: {0:g}}}",
}
"""By layer: what stands for it with a number as its second input."""
_NUMBER_FIRST = {
    "Sub": "Neg, and then {{type: Shift, amount: {0:g}}}",
    "Div": "Reciprocal, and then {{type: Scale, factor: {0:g}}}",
    "Pow": "Scale by the number's logarithm, and then Exp",
}


def bare(name: str) -> str:
    """Return the name of a type alone, where it is written as in code.

    Example:
        >>> bare("torch.nn.ReLU"), bare("nn.ReLU(inplace=True)"), bare("ReLU")
        ('ReLU', 'ReLU', 'ReLU')
    """
    return name.partition("(")[0].rpartition(".")[2].strip()


def type_elsewhere(name: str, known: Collection[str] = ()) -> str:
    """Return what to write for a layer, loss, metric or scheduler of another library, or an empty string.

    Args:
        name: What it is called there, alone.
        known: The rows of the table it is looked up in.

    Example:
        >>> type_elsewhere("Dense"), type_elsewhere("LazyConv2d"), type_elsewhere("Linear")
        ("did you mean 'Linear'?", "did you mean 'Conv2d'? Sizes of inputs are inferred", '')
        >>> type_elsewhere("acc", ["accuracy", "mcc"])
        "did you mean 'accuracy'?"
    """
    if meant := _first(_SHORT.get(name.lower(), ()), known):
        return f"did you mean {meant!r}?"
    if name.startswith("Lazy"):
        return f"did you mean {name.removeprefix('Lazy')!r}? Sizes of inputs are inferred"
    return TYPES.get(name.lower(), "")


def setting_elsewhere(name: str, known: Collection[str]) -> str:
    """Return what to write for a setting of another library, or an empty string.

    Example:
        >>> setting_elsewhere("units", ["out_features", "bias"])
        "did you mean 'out_features'?"
    """
    meant = renamed(name, known)
    return f"did you mean {meant!r}?" if meant else SETTINGS.get(name, "")


def renamed(name: str, known: Collection[str]) -> str:
    """Return the known setting that means the same as one of another library, or an empty string."""
    return _first(_RENAMED.get(name, ()), known)


def word_elsewhere(word: str, known: Collection[str]) -> str:
    """Return what to write for a word of another library where one of a few is expected, or nothing.

    Example:
        >>> word_elsewhere("long", ["float32", "int64"])
        'write int64'
    """
    meant = _first(_WORDS.get(word.rpartition(".")[2], ()), known)
    if meant:
        return f"write {meant}"
    return "a loss is one number: write mean or sum" if word == "none" and "sum" in known else ""


def number_elsewhere(layer: str, number: object, *, first: bool) -> str:
    """Return what to write for a number among the inputs of a layer, or an empty string.

    Args:
        layer: The layer's type.
        number: What stands among the inputs.
        first: Whether it comes before the others.

    Example:
        >>> number_elsewhere("Sub", 0.5, first=False)
        'a number is no input: write {type: Shift, amount: -0.5}'
    """
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return ""
    told = (_NUMBER_FIRST if first else {}).get(layer) or _NUMBERS.get(layer, "")
    inverse = 1 / number if number else 0.0
    cure = told.format(number, negative=-number, inverse=inverse)
    return f"a number is no input: write {cure}" if cure else ""


def _first(names: Collection[str], known: Collection[str]) -> str:
    return next((name for name in names if name in known), "")
