"""Programs with real outputs, for the cures of what is wrong with them."""

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.cures import CURES, options
from keras_rectifiers.diagnosis.rehearsed_program import Program
from keras_rectifiers.diagnosis.subject import described
from keras_rectifiers.inspection.probe import values_of

N = 32
X = np.random.default_rng(0).normal(3, 5, size=(N, 4)).astype("float32")
LABELS = np.arange(N) % 3
SEQUENCES = np.random.default_rng(1).normal(size=(N, 5, 2)).astype("float32")


def program(*parts, x=X, y=None, loss="mse", optimizer="sgd") -> Program:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(x.shape[1:]), *parts])
    model.compile(optimizer, loss)
    x = ops.convert_to_tensor(x)
    y = ops.convert_to_tensor(np.arange(float(N)) if y is None else y)
    values = values_of(model)
    return Program(
        model=model,
        x=x,
        y=y,
        loss=None,
        outputs=described(model, values, x, y, None)[2],
        values=values,
    )


def cured(kind, words, given) -> Program:
    """A program with the cure of a kind of finding whose words have these in them."""
    pairs = [pair for entry in CURES[kind] for pair in options(entry)]
    ((_, cure),) = [pair for pair in pairs if words in pair[0]]
    return cure(given)


def activations(changed):
    return [
        layer.activation.__name__
        for layer in changed.model.layers
        if hasattr(layer, "activation")
    ]


def output_of(changed):
    """The only output of a program, as its model has it."""
    model, x, y = changed.model, changed.x, changed.y
    (output,) = described(model, changed.values, x, y, changed.loss)[2]
    return output
