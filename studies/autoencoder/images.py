"""Images that are reconstructed, and what the units of a code write."""

from collections.abc import Iterator

import keras
import numpy as np
import pandas as pd

from keras_rectifiers import activations, catalogue
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.trials.store import Tables
from studies.autoencoder.nets import CODES, DATA, PENALTY, best_nets

SIDE = 8
NUM_SHOWN = 8


# The figures --------------------------------------------------------------------------


def _shown(tables: Tables) -> Iterator[tuple[str, pd.Series, list[np.ndarray]]]:
    """The nets that are shown: their title, row and weights, which have been kept."""
    nets = where(best_nets(tables), seed=0)
    for code in CODES:
        for penalty in (0.0, PENALTY) if code == "relu" else (0.0,):
            rows = where(nets, activation=code, activity_l1=penalty)
            for _, row in rows.iterrows():
                kept = where(tables.outputs, key=row["key"]).sort_values("index")
                weights = [
                    where(kept, layer=layer, name=name)["value"].to_numpy(np.float32)
                    for layer in (0, 1)
                    for name in ("kernel", "bias")
                ]
                if all(map(len, weights)):
                    suffix = f", L1 {penalty:g}" if penalty else ""
                    yield catalogue.title(code) + suffix, row, weights


def _reconstructions(tables: Tables):
    rows = {}
    for title, net, (encoder, bias, decoder, offset) in _shown(tables):
        data = datasets.load(DATA, inputs="raw")
        x, y = data.x_test[:NUM_SHOWN], data.y_test[:NUM_SHOWN]
        if not rows:
            rows = {"whole": _as_images(y), "with missing pixels": _as_images(x)}
        z = x.reshape(len(x), -1) @ encoder.reshape(-1, net["width"]) + bias
        code = keras.ops.convert_to_numpy(activations.get(net["activation"])(z))
        rows[title] = _as_images(code @ decoder.reshape(net["width"], -1) + offset)
    return figures.images(rows)


def _features(tables: Tables):
    rows = {}
    for title, net, (_, _, decoder, _) in _shown(tables):
        kernels = decoder.reshape(net["width"], -1)
        # The units that write most.
        largest = np.argsort(-np.linalg.norm(kernels, axis=1), kind="stable")
        rows[title] = _as_images(kernels[largest[:NUM_SHOWN]])
    return figures.images(rows, is_signed=True)


def _as_images(rows: np.ndarray) -> np.ndarray:
    return rows.reshape(len(rows), SIDE, SIDE)


FIGURES = (
    StudyFigure(
        name="reconstructions",
        title="Reconstructions of test images",
        caption="Of one seed, each net at its best rate. Three of ten pixels are "
        "missing from what the nets see.",
        claims=("sparse-code-reconstructs",),
        draw=_reconstructions,
    ),
    StudyFigure(
        name="features",
        title="What the units of the code write",
        caption="The weights of the decoder for the eight units with the largest ones: "
        "what a unit adds to the image (red) or takes away (blue), each on a scale of "
        "its own.",
        draw=_features,
    ),
)
