"""What is wrong with the nets that lost, by the rules of `diagnose`."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pandas as pd

from keras_rectifiers.comparison.comparing.preflight import Layer
from keras_rectifiers.comparison.comparing.results import Results
from keras_rectifiers.comparison.training.task import Data
from keras_rectifiers.comparison.verdicts.contest import WORSE
from keras_rectifiers.diagnosis.checks.layers import Measured, check
from keras_rectifiers.diagnosis.findings import Finding


def findings_of_losers(
    results: Results,
    layers: Mapping[str, Sequence[Layer]],
    data: Data,
    *,
    num_examples: int,
) -> dict[str, list[Finding]]:
    """Applies the rules of `diagnose` to the activations that are beaten.

    They are applied to the medians of the measures over the seeds, at their best
    learning rates. The same nets before training stand for fresh copies.

    Args:
        results: the finished trainings.
        layers: name of an activation -> the layers of its net.
        data: the examples, to see whether inputs are scaled.
        num_examples: the number of examples on which the layers were measured.

    Returns:
        Name of an activation that lost -> its findings; none for a healthy net.
    """
    table = results.contest.table
    lost = table[(table["verdict"] == WORSE) | ~table["is_best"]]
    lost = lost[lost["num_seeds"] > 0]
    measures = sorted(set(results.tables.measurements.get("measure", ())))
    frames = {name: results.measured(name) for name in measures}
    found = {}
    for name in lost["activation"]:
        if not layers.get(name):
            continue
        before, after = (
            _columns(frames, name, when, len(layers[name]))
            for when in ("before training", "after training")
        )
        if "activation_std" not in after or "signal_gradient" not in after:
            continue
        found[name] = check(
            Measured(
                layers=[layer.name for layer in layers[name]],
                depths=np.array([layer.depth for layer in layers[name]]),
                num_units=[layer.num_units for layer in layers[name]],
                num_examples=num_examples,
                values=after,
                fresh=before,
                kernel_scales=np.full(len(layers[name]), np.nan),
                input_scales=_input_scales(data, layers[name][0].name),
                lost=(),
                unseen={},
            )
        )
    return found


def _columns(frames, name: str, when: str, num_layers: int) -> dict[str, np.ndarray]:
    """Measure -> the median of each layer over the seeds."""
    columns = {}
    for measure, frame in frames.items():
        rows = frame[(frame["activation"] == name) & (frame["when"] == when)]
        if rows.empty:
            continue
        medians: pd.Series = rows.groupby("layer")["value"].median()
        columns[measure] = medians.reindex(range(num_layers)).to_numpy(float)
    return columns


def _input_scales(data: Data, first: str) -> dict[str, float]:
    """The root mean square of the inputs, if they are numbers and not tokens."""
    arrays = keras.tree.flatten(data.x)
    if len(arrays) != 1 or arrays[0].dtype.kind != "f":
        return {}
    x = arrays[0][:256].astype(np.float64)
    return {first: float(np.sqrt(np.mean(x**2)))}
