"""Whether an embedding gets the numbers of its rows, and what comes of the padding."""

from typing import Any

import keras
import numpy as np

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.surgery import nesting

# Of a sequence; what recurrent layers read before it fades meanwhile.
LARGEST_PADDING = 0.5


def check(model: keras.Model, x: Any) -> list[Finding]:
    """Returns what is wrong with the numbers that an embedding looks up.

    Args:
        model: a built model. Where it has several inputs, it is not known which of them
            an embedding reads.
        x: its inputs.
    """
    arrays = keras.tree.flatten(x)
    embedding = _reader(model)
    if len(arrays) != 1 or embedding is None:
        return []
    ids = np.asarray(arrays[0])
    if ids.dtype.kind not in "fiu" or not ids.size:
        return []
    rules = (_not_whole, _without_row, _padding)
    found = (rule(embedding, ids, model) for rule in rules)
    return [finding for finding in found if finding is not None][:1]


def _reader(model):
    """The embedding that reads the input of the model, which only a graph shows."""
    if not nesting.is_graph(model):
        return None
    layers = [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    first = layers[0] if layers else None
    return first if isinstance(first, keras.layers.Embedding) else None


def _not_whole(embedding, ids, model):
    part = ids[ids % 1 != 0]
    if not part.size:
        return None
    return _finding(
        embedding,
        f"its inputs are not whole numbers, such as {number(float(part.flat[0]))}",
        "An embedding looks up the row of the whole part, so different tokens become the "
        "same.",
        f"Give it integers from 0 to {embedding.input_dim - 1}, which are not scaled.",
    )


def _without_row(embedding, ids, model):
    low, high = int(ids.min()), int(ids.max())
    if low >= 0 and high < embedding.input_dim:
        return None
    return _finding(
        embedding,
        f"its inputs go from {low} to {high}, but it has {embedding.input_dim} rows, for "
        f"0 to {embedding.input_dim - 1}",
        "Numbers without a row fail, or get a vector of zeros that never learns.",
        f"Use input_dim={high + 1} (the largest number and 1)"
        + (", and numbers from 0." if low < 0 else "."),
    )


def _padding(embedding, ids, model):
    recurrent = [
        layer
        for layer in keras_internals.layers_within(model)
        if isinstance(layer, keras.layers.RNN) and not layer.return_sequences
    ]
    if embedding.mask_zero or ids.ndim != 2 or not recurrent:
        return None
    if any(layer.go_backwards for layer in recurrent):
        return None
    ended = np.cumsum(ids[:, ::-1] != 0, axis=1) == 0
    share = float(ended.mean())
    if share <= LARGEST_PADDING:
        return None
    return _finding(
        embedding,
        f"{share:.0%} of its inputs are zeros at the end of the sequences, a padding that "
        "is not masked",
        f"{recurrent[0].name} reads them after the tokens, and has forgotten these at the "
        "end.",
        "Mask them: mask_zero=True in the Embedding; or pad in front.",
        certainty="possible",
    )


def _finding(embedding, observation, meaning, advice, certainty="certain"):
    return Finding(
        kind="tokens",
        where="data",
        layer=embedding.name,
        certainty=certainty,
        observation=observation,
        meaning=meaning,
        advice=advice,
    )
