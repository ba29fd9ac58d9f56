"""Writes the models of this folder with the code of an early commit: see the README."""

import sys
from pathlib import Path

import keras
import numpy as np

from keras_rectifiers import layers

FOLDER = Path(__file__).parent

# File -> its rectifier. Maxout and CReLU have `axis`, the old name of `channel_axis`.
RECTIFIERS = {
    "prelu": lambda: layers.PReLU(
        "ones", channel_axis=1, regularizer="l2", constraint="non_neg"
    ),
    "prelu_shared": lambda: layers.PReLU(keras.initializers.Constant(0.5), shared=True),
    "rrelu": lambda: layers.RReLU(2, 5, seed=3),
    "rrelu_slope": lambda: layers.RReLU(
        0.125, 0.25, form="slope", noise="channel", channel_axis=1, seed=5
    ),
    "smooth_relu": lambda: layers.SmoothReLU(3.0),
    "smooth_relu_learned": lambda: layers.SmoothReLU(
        2.0, learnable=True, shared=False, channel_axis=1
    ),
    "shifted_relu": lambda: layers.ShiftedReLU(0.5),
    "maxout": lambda: layers.Maxout(3, axis=1, grouping="contiguous"),
    "crelu": lambda: layers.CReLU(axis=1),
}


def write(names):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 6, 4)).astype("float32")
    y = rng.normal(size=(8, 2)).astype("float32")
    file = FOLDER / "outputs.npz"
    arrays = {**np.load(file)} if file.exists() else {"x": x}
    for name in names:
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input((6, 4)),
                keras.layers.Conv1D(4, 3, padding="same"),
                RECTIFIERS[name](),
                keras.layers.Flatten(),
                keras.layers.Dense(2),
            ]
        )
        model.compile(keras.optimizers.SGD(0.1), "mse")
        model.fit(x, y, epochs=5, verbose=0)
        model.save(FOLDER / f"{name}.keras")
        arrays[name] = model.predict(x, verbose=0)
        arrays[f"{name}_training"] = model(x, training=True).numpy()
    np.savez_compressed(file, **arrays)


if __name__ == "__main__":
    write(sys.argv[1:])
