"""Whether mean-field theory predicts the gradient decay before training."""

import functools

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import by_seed, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import Within
from keras_rectifiers.theory.gain import gain
from keras_rectifiers.theory.mean_field import MeanField
from studies import sources
from studies.vanishing_gradients.at_random import ACTIVATIONS, COMMON, WIDTH, decays

# Wide enough for a theory of infinite width. They are not trained.
NET = {"architecture": "mlp", "depth": 20, "epochs": 0, **COMMON}
WIDE = 1000
# With 10 a verdict could not stand the correction for 26 cases.
NUM_SEEDS = 12
# Of the predicted decay; what is less than the first is within it anyway.
ALLOWED, ALLOWED_SHARE = 0.005, 0.05


# The trials ---------------------------------------------------------------------------


def trials() -> list[Trial]:
    return [
        Trial(**NET, width=WIDE, activation=activation, initializer=start, seed=seed)
        for activation in ACTIVATIONS
        for start in ("gain", "glorot")
        for seed in range(NUM_SEEDS)
    ]


# The claims ---------------------------------------------------------------------------

# What the prediction may depend on.
_NAMES = [name for name in Trial().settings() if name != "seed"]


@functools.cache
def predicted(trial: Trial) -> float:
    """The predicted decay along the variance paths of the examples of the probe batch.

    Args:
        trial: its initializer is `"gain"` or `"glorot"`.
    """
    x = datasets.load_for(trial).x_train[: trial.probe_size]
    inputs = x.reshape(len(x), -1).astype(np.float64)
    if trial.initializer == "gain":
        weights, first = float(gain(trial.activation)) ** 2, 1.0
    else:  # 2 / (fan_in + fan_out), times fan_in
        num_inputs = inputs.shape[1]
        weights, first = 1.0, 2 * num_inputs / (num_inputs + trial.width)
    # The probe measures in inference mode.
    net = MeanField(
        activation=trial.activation, weight_variance=weights, training=False
    )
    return net.gradient_decay(
        np.mean(inputs**2, axis=1), depth=trial.depth, input_weight_variance=first
    )


def _errors(tables: Tables) -> pd.DataFrame:
    """Measured minus predicted decay, also divided by the tolerance."""
    rows = where(decays(tables), **NET, initializer=["gain", "glorot"])
    prediction = np.array(
        [
            predicted(Trial(**settings, seed=0))
            for settings in rows[_NAMES].to_dict("records")
        ],
        dtype=float,
    )
    error = rows["gradient_decay"] - prediction
    allowed = np.maximum(ALLOWED, ALLOWED_SHARE * np.abs(prediction))
    return rows.assign(error=error, value=error / allowed)


def _wide(tables: Tables) -> dict[str, pd.Series]:
    rows = where(_errors(tables), width=WIDE)
    cases = {}
    for start, label in (("gain", "own gain"), ("glorot", "Glorot")):
        for activation in ACTIVATIONS:
            nets = where(rows, activation=activation, initializer=start)
            cases[f"{activation}, {label}"] = by_seed(nets)
    return cases


CLAIMS = (
    Claim(
        id="theory",
        statement="Mean-field theory predicts the gradient decay at random "
        "initialisation.",
        sources=(
            sources.POOLE,
            sources.SCHOENHOLZ,
        ),
        kind=Kind.THEORY,
        kind_reason="The prediction is a theorem for infinite width; measured is how "
        "near nets of a finite width come to it.",
        nets=f"untrained MLPs of {NET['depth']} layers",
        criterion=f"MLPs of {NET['depth']} layers of {WIDE:,} units before training, "
        "in the standard and full profiles only. The decay is predicted along the "
        "variance path of each example of the fixed probe batch, not at the fixed "
        "point: the whole interval of measured minus predicted decay, divided by the "
        f"larger of {ALLOWED:g} and {ALLOWED_SHARE:.0%} of the prediction, is within "
        "±1.",
        rule=Within(lower=-1.0, upper=1.0),
        effects=_wide,
        quantity="error of the prediction divided by the tolerance",
        digits=2,
    ),
)


# The figures --------------------------------------------------------------------------


def _errors_by_activation(tables: Tables):
    rows = _errors(tables)
    # Where wide nets were measured, they stand beside the others.
    rows = where(rows, width=[WIDTH, WIDE]).sort_values("width", kind="stable")
    starts = {"gain": "own gain", "glorot": "Glorot"}
    widths = rows["width"].map("{:,} units".format)
    return figures.dots(
        rows.assign(
            value=rows["error"],
            start=rows["initializer"].map(starts),
            shown=pd.Categorical(widths, list(dict.fromkeys(widths)), ordered=True),
        ),
        xlabel="measured minus predicted decay, decades per layer",
        column=None,
        row="start",
        mark="shown",
        band=(-ALLOWED, ALLOWED),
        sort=False,
    )


FIGURES = (
    StudyFigure(
        name="theory",
        title="Measured gradient decay compared with theory",
        caption=f"Nets of {NET['depth']} layers before training; 0 is the prediction "
        "for infinite width. Dots are estimates over seeds, lines their 95% "
        f"intervals. The band is ±{ALLOWED:g}. Nets of {WIDTH} units are shown but "
        f"not judged. Nets of {WIDE:,} units, which are judged, are included in the "
        "standard and full profiles only.",
        claims=("theory",),
        draw=_errors_by_activation,
    ),
)
