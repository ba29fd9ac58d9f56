"""Which activation reaches a given training loss first, each at its own best rate?"""

import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    log2_ratio_of_steps,
    measured,
    steps_to_threshold,
    where,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, AtMost
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.properties import Property
from studies import sources

ACTIVATIONS = ("relu", "leaky_relu", "elu", "tanh")
# Large batches, so that an epoch is short.
NET = {
    "architecture": "mlp",
    "depth": 6,
    "width": 32,
    "initializer": "gain",
    "optimizer": "adam",
    "batch_size": 128,
}
# At 3e-4 no net gets there in the epochs of the quick profile.
RATES = (1e-3, 3e-3, 1e-2, 3e-2)

# Mean cross-entropy of an epoch, in nats, that is to be reached.
THRESHOLD = 0.1
# "Several times faster" is taken for twice as fast, at the least.
TWICE = 1.0
# A quarter more epochs is what we call slower.
SLOWER = float(np.log2(1.25))

# What must hold for a ratio of epochs to say anything, and to be set against another.
ONE_REACHES = (
    f"at least one of the two nets reaches a training loss of {THRESHOLD:g} nats within "
    "the epochs of the profile"
)
BOTH_REACH = f"both nets reach a training loss of {THRESHOLD:g} nats"
# The criterion by which ReLU is slower than another activation, by `SLOWER`.
RELU_IS_SLOWER = (
    "MLPs of 6 layers of 32 units, Adam, batches of 128, each net at its own best rate "
    "(see the study of convergence): ReLU needs at least 25% more epochs to reach a "
    f"training loss of {THRESHOLD:g} nats. Paired by seed. A net that never reaches the "
    "loss counts as censored."
)


# The trials ---------------------------------------------------------------------------


def epochs_needed(tables: Tables) -> pd.Series:
    """Epochs to the threshold, by key; infinite for a net that never reaches it."""
    return _steps(tables).set_index("key")["steps"]


def grids(
    *,
    seeds: range,
    epochs: int,
    activations: Sequence[str] = ACTIVATIONS,
    title: str = "MLP of 6 layers, Adam, for the fewest epochs",
) -> list[RateGrid]:
    return [
        RateGrid(
            title=title,
            nets=[Trial(**NET, activation=a, epochs=epochs) for a in activations],
            rates=RATES,
            seeds=seeds,
            score=epochs_needed,
            score_name=f"epochs to a training loss of {THRESHOLD:g}",
        )
    ]


GRIDS = {
    "quick": grids(seeds=range(30), epochs=20),
    "standard": grids(seeds=range(30), epochs=40),
    "full": grids(seeds=range(50), epochs=100),
}


# The claims ---------------------------------------------------------------------------


# Each claim and figure asks for them, in several studies more than once.
@functools.lru_cache(maxsize=4)
def _steps(tables: Tables) -> pd.DataFrame:
    curves = measured(tables, "train_loss", **NET)
    if curves.empty:
        none = pd.DataFrame(columns=["key", "steps", "last_step"])
        return none.astype({"steps": float, "last_step": float})
    return steps_to_threshold(
        curves, "value", threshold=THRESHOLD, more_is_better=False
    )


def doublings(tables: Tables, slower: str, faster: str) -> pd.DataFrame:
    """log2 of the ratio of the epochs that two nets need, for each seed.

    Bounds if a net never reaches the threshold; NaN if one was not trained. Empty if
    either was trained with no seed.
    """
    trials = where(at_best_rate(tables, epochs_needed), **NET)
    steps = trials[["key", "activation", "seed"]].merge(_steps(tables), on="key")
    seeds = [set(where(steps, activation=name)["seed"]) for name in (slower, faster)]
    pairs = where(steps, seed=sorted(seeds[0] & seeds[1]))
    ratios = log2_ratio_of_steps(pairs, "activation", slower, faster)
    # Nets that were not trained at all are not compared, and no seed of them is lost.
    either = sorted(seeds[0] | seeds[1]) if all(seeds) else []
    return ratios.reindex(pd.Index(either, name="seed", dtype=np.int64))


def _faster_than_tanh(tables: Tables) -> dict[str, pd.DataFrame]:
    return {"MLP, Adam": doublings(tables, "tanh", "relu")}


def one_reaches(ratios: pd.DataFrame) -> pd.Series:
    """Whether one of two nets reaches the threshold, for each seed of `doublings`."""
    return np.isfinite(ratios.astype(float)).any(axis=1)


def _one_reaches(tables: Tables) -> dict[str, pd.Series]:
    return {case: one_reaches(r) for case, r in _faster_than_tanh(tables).items()}


def both_reach(ratios: pd.DataFrame) -> pd.Series:
    """Whether both nets reach the threshold, for each seed of `doublings`."""
    return np.isfinite(ratios.astype(float)).all(axis=1)


def _both_reach(tables: Tables) -> dict[str, pd.Series]:
    return {case: both_reach(r) for case, r in _faster_than_tanh(tables).items()}


def times(doublings: float) -> str:
    """Describes a ratio that is given in doublings."""
    return f"{2**doublings:.2f} times as many epochs"


CLAIMS = (
    Claim(
        id="faster-than-tanh",
        statement="ReLU reaches a fixed training error several times faster than tanh.",
        sources=(
            sources.INTRODUCTION,
            sources.TUTORIAL,
            sources.KRIZHEVSKY.at("section 3.1"),
        ),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=ONE_REACHES, holds=_one_reaches),
        comparable_if=Precondition(text=BOTH_REACH, holds=_both_reach),
        criterion="MLPs of 6 layers of 32 units, Adam, batches of 128, each net at "
        "its own best learning rate for each seed (by the epochs that it needs): "
        "tanh needs at least twice as many epochs as ReLU to reach a training loss of "
        f"{THRESHOLD:g} nats: the whole interval of log2 of the ratio is at or above "
        "1. Paired by seed and counted in whole epochs. A net that never reaches the "
        "loss counts as censored.",
        rule=AtLeast(threshold=TWICE),
        effects=_faster_than_tanh,
        quantity="ratio of the epochs of tanh to those of ReLU",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"tanh needs {times(value)} as ReLU",
        published="Krizhevsky 2012: a convolutional net of four layers with ReLU "
        "reaches 25% training error on CIFAR-10 six times faster than with tanh, by "
        "SGD at learning rates chosen for each.",
    ),
)


# The properties -----------------------------------------------------------------------


def _doublings_of_one_epoch(tables: Tables) -> dict[str, pd.Series]:
    """log2 of the epochs of each net; NaN if it never reaches the threshold."""
    trials = where(at_best_rate(tables, epochs_needed), **NET)
    steps = trials[["key", "activation", "seed"]].merge(_steps(tables), on="key")
    known = steps["steps"].where(np.isfinite(steps["steps"]))
    steps = steps.assign(value=np.log2(known.astype(float)))
    return {name: by_seed(where(steps, activation=name)) for name in ACTIVATIONS}


PROPERTIES = (
    Property(
        name="speed",
        title="Epochs to learn",
        nets="MLPs of 6 layers",
        explanation=f"The epochs to a training loss of {THRESHOLD:g} nats, each net at "
        "its own best learning rate. Good is what needs at most a quarter more than the "
        "fastest.",
        values=_doublings_of_one_epoch,
        best="lowest",
        rule=AtMost(threshold=SLOWER),
        bad_in_words="learns more slowly",
        shown=lambda doublings: f"{2**doublings:.1f}",
        claim="faster-than-tanh",
    ),
)


# The figures --------------------------------------------------------------------------


def _curves(tables: Tables):
    best = at_best_rate(tables, epochs_needed)
    rows = measured(tables, "train_loss", key=list(best["key"]))
    return figures.lines_against(
        rows.assign(panel="each at its own best rate"),
        "epoch",
        xlabel="epoch",
        ylabel="training loss, nats",
        column="panel",
        log_y=True,
    )


def _epochs(tables: Tables):
    trials = at_best_rate(tables, epochs_needed)
    steps = trials.merge(_steps(tables), on="key")
    return figures.dots(
        steps.assign(
            value=steps["steps"].where(np.isfinite(steps["steps"])),
            panel="each at its own best rate",
        ),
        xlabel=f"epochs to a training loss of {THRESHOLD:g}",
        column="panel",
    )


FIGURES: Sequence[StudyFigure] = (
    StudyFigure(
        name="curves",
        title="Training loss, each net at its own best rate",
        caption="The mean loss during each epoch. Dots are estimates over seeds, "
        "vertical lines their 95% intervals. The scale is logarithmic.",
        draw=_curves,
    ),
    StudyFigure(
        name="epochs",
        title="Epochs to the threshold",
        caption="Dots are estimates over the seeds that reached the threshold, lines "
        "their 95% intervals.",
        claims=("faster-than-tanh",),
        draw=_epochs,
    ),
)


STUDY = Study(
    name="convergence",
    title="Convergence",
    question="Does ReLU reach a given training loss faster than tanh?",
    method="Fully connected nets of 6 layers of 32 units are trained by Adam with "
    "batches of 128, so that an epoch is short. Their weights are initialised with "
    "the gain of their activation. Each activation is trained at the same learning "
    "rates with each seed. For each seed the rate at which it needs the fewest epochs "
    f"to reach a training loss of {THRESHOLD:g} nats counts.",
    not_shown="Time on the clock: epochs are counted. Other thresholds, optimizers and "
    "nets may rank the activations differently.",
    trials=dict.fromkeys(GRIDS, list),
    claims=CLAIMS,
    figures=FIGURES,
    properties=PROPERTIES,
    key_figure="epochs",
    grids=GRIDS,
)
