"""Residual and batch-normalised nets, shown for comparison with plain ones, not judged.

The claims about depth are about plain stacks of layers. These two kinds of nets were
invented to train deep nets, and show whether depth alone makes the gradient vanish.
"""

from collections.abc import Sequence

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from studies.vanishing_gradients import trained
from studies.vanishing_gradients.at_random import COMMON, DEEPEST, KEPT, WIDTH, decays
from studies.vanishing_gradients.at_random_figures import DECAY_LABEL, SCALE

PLAIN = "plain"
KINDS = {
    PLAIN: {"batch_normalization": False},
    "residual": {"architecture": "resmlp", "batch_normalization": False},
    "batch-normalised": {"batch_normalization": True},
}

# Before training, at the depth and the width at which plain nets are judged.
UNTRAINED = {**COMMON, "architecture": "mlp", "depth": DEEPEST, "width": WIDTH}
STARTS = {"relu": "gain", "sigmoid": "glorot", "tanh": "glorot"}
# The statistics by which a normalised net infers start at 0 and 1, as those of a plain
# net, and keep 0.99 of what they were in a step. On 1,000 examples the 372 steps leave
# 2% of that, at a rate that changes no weight.
SETTLED = {"learning_rate": 1e-30, "epochs": 12}
NUM_SETTLED = 20


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range) -> list[Trial]:
    """Nets before training."""
    kinds = {
        "residual": ({"epochs": 0}, seeds),
        "batch-normalised": (SETTLED, seeds[:NUM_SETTLED]),
    }
    return [
        Trial(
            **UNTRAINED | KINDS[kind] | settings,
            activation=activation,
            initializer=start,
            seed=seed,
        )
        for kind, (settings, own_seeds) in kinds.items()
        for activation, start in STARTS.items()
        for seed in own_seeds
    ]


def grids(
    *, seeds: range, epochs: int, nets: Sequence[str] = tuple(trained.TRAINED)
) -> list[RateGrid]:
    """The deep nets that are trained, each kind at its own best rates."""
    return [
        trained.grid(label, seeds=seeds, epochs=epochs, kind=kind, **KINDS[kind])
        for kind in KINDS
        for label in nets
        if kind != PLAIN and not (kind == "residual" and label not in trained.MLPS)
    ]


# The figures --------------------------------------------------------------------------


def _by_kind(frame: pd.DataFrame, net) -> pd.DataFrame:
    """The nets of each kind, named by the column `net`."""
    parts = [
        where(frame, **net | settings).assign(net=kind)
        for kind, settings in KINDS.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(net=pd.Categorical(rows["net"], list(KINDS), ordered=True))


def _decay_by_kind(tables: Tables):
    frame = decays(tables).rename(columns={"gradient_decay": "value"})
    net = {n: v for n, v in UNTRAINED.items() if n != "learning_rate"}
    rows = _by_kind(frame[frame["epoch"] == frame["epochs"]], net)
    rows = rows[rows["initializer"] == rows["activation"].map(STARTS)]
    if set(rows["net"]) <= {PLAIN}:
        raise figures.NothingToDraw("All nets are plain, which have a figure.")
    return figures.dots(
        rows.assign(panel="before training"),
        xlabel=DECAY_LABEL,
        column="panel",
        row="net",
        band=KEPT,
        linear_within=KEPT[1],
        sort=False,
    )


def _accuracy_by_kind(tables: Tables):
    best = at_best_rate(tables)
    best = best.assign(value=unless_diverged(best, "test_accuracy"))
    parts = [
        _by_kind(best, net).assign(trained=label)
        for label, net in trained.TRAINED.items()
    ]
    return figures.dots(
        pd.concat(parts, ignore_index=True),
        xlabel="test accuracy",
        column="trained",
        row="net",
        xlim=(0, 1),
        sort=False,
    )


FIGURES = (
    StudyFigure(
        name="kinds-decay",
        title="Gradient decay of plain, residual and batch-normalised nets",
        caption="Nets of 30 layers, or blocks, of 128 units before training: ReLU "
        "with its own gain, sigmoid and tanh with the Glorot initialisation. The "
        "initial weights of the residual blocks are scaled by 1/√30, so "
        "that each block changes its input only a little. In theory, batch "
        "normalisation makes the gradient of a ReLU net grow towards the input by "
        "0.083 decades per layer (Yang 2019). The statistics of batch normalisation "
        "are estimated first, in 12 epochs at a learning rate that changes no weight. "
        "Residual and batch-normalised nets are included in the standard and full "
        "profiles only. Only plain nets are judged: the claims are about plain stacks "
        f"of layers. {SCALE}",
        draw=_decay_by_kind,
    ),
    StudyFigure(
        name="kinds-accuracy",
        title="Test accuracy of deep nets: plain, residual and batch-normalised",
        caption="MLPs of 20 layers, or blocks, of 32 units and CNNs of 8 layers of 4 "
        "channels, each at its own best learning rate. Guessing among ten classes "
        "gives 0.1. Plain nets are judged. The others are included only in the "
        "standard and full profiles (CNNs only in the full profile) and show whether "
        "depth alone limits sigmoid and tanh. Dots are estimates over seeds, lines "
        "their 95% intervals.",
        claims=("deep-sigmoid-stuck", "deep-tanh-stuck", "deep-at-chance"),
        draw=_accuracy_by_kind,
    ),
)
