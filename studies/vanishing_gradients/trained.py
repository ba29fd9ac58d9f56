"""Deep nets after training: do they learn?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from keras_rectifiers.comparison.statistics import paired_outcomes, where
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.sources import Source
from studies import sources
from studies.guessing import as_of_ten_classes
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)
from studies.points import in_points, side

# Deep nets, each from the start that is usual for it and at its own best rate.
# On images of 8 x 8, eight convolutions are deep, and as many as can be had in minutes.
DEEP = {
    "architecture": "mlp",
    "depth": 20,
    "width": 32,
    "batch_normalization": False,
    "pretraining": 0,
}
TRAINED = {
    "MLP, Adam": {**DEEP, "optimizer": "adam"},
    "MLP, SGD": {**DEEP, "optimizer": "sgd"},
    "CNN, Adam": {
        **DEEP,
        "architecture": "cnn",
        "depth": 8,
        "width": 4,
        "optimizer": "adam",
    },
}
MLPS = ("MLP, Adam", "MLP, SGD")
STARTS = {"relu": "he", "sigmoid": "glorot", "tanh": "glorot"}
OPTIMIZERS = {"adam": "Adam", "sgd": "SGD"}
RATES = {
    "MLP, Adam": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "MLP, SGD": (1e-2, 3e-2, 0.1, 0.3, 1.0),
    "CNN, Adam": (1e-3, 3e-3, 1e-2, 3e-2, 0.1),
}

# By so much accuracy a net has to fall behind before we call that clear.
BEHIND = 0.10
# Up to twice what guessing gets right among ten classes, a net has learned nothing.
AT_CHANCE = 0.20
MOST = 0.5


# The trials ---------------------------------------------------------------------------


def grids(
    *,
    seeds: range,
    epochs: int,
    nets: Sequence[str] = tuple(TRAINED),
    cnn_epochs: int | None = None,
    pretraining: int = 0,
) -> list[RateGrid]:
    """The grids of learning rates of the plain nets.

    Args:
        seeds: of all.
        epochs, cnn_epochs: for MLPs and for CNNs; by default the same.
        nets: which of `TRAINED`.
        pretraining: epochs of pre-training for additional MLPs; 0 for no pre-trained
            MLPs.
    """
    return [
        grid(
            label,
            seeds=seeds,
            epochs=epochs if label in MLPS or cnn_epochs is None else cnn_epochs,
            pretraining=pretraining if label in MLPS else 0,
        )
        for label in nets
    ]


def grid(
    label: str,
    *,
    seeds: range,
    epochs: int,
    pretraining: int = 0,
    kind: str = "",
    **settings,
) -> RateGrid:
    """The grid of one of `TRAINED`, with other settings for another kind of net."""
    net = Trial(**{**TRAINED[label], **settings}, epochs=epochs, probe_size=64)
    return RateGrid(
        title=label.replace(",", f" of {net.depth} layers,")
        + (f", {kind}" if kind else ""),
        nets=[
            replace(net, activation=activation, initializer=start, pretraining=own)
            for own in sorted({0, pretraining})
            for activation, start in STARTS.items()
        ],
        rates=RATES[label],
        seeds=seeds,
    )


# The claims ---------------------------------------------------------------------------


def _behind_relu(activation: str) -> Callable[[Tables], Mapping[str, pd.Series]]:
    def effects(tables: Tables) -> dict[str, pd.Series]:
        trials = at_best_rate(tables)
        return {
            f"relu ahead of {activation}, {label}": paired_outcomes(
                where(trials, **net), "test_accuracy", "relu", activation
            )
            for label, net in TRAINED.items()
        }

    return effects


def _pair_learned(
    activation: str, learned: Callable[..., pd.Series]
) -> Callable[[Tables], Mapping[str, pd.Series]]:
    def holds(tables: Tables) -> dict[str, pd.Series]:
        trials = at_best_rate(tables)
        return {
            f"relu ahead of {activation}, {label}": learned(
                where(trials, **net), "relu", activation
            )
            for label, net in TRAINED.items()
        }

    return holds


def _learned_or_not(tables: Tables) -> dict[str, pd.Series]:
    trials = at_best_rate(tables)
    shares = {}
    for label, net in TRAINED.items():
        rows = where(trials, **net).set_index("seed").sort_index()
        at_chance = (as_of_ten_classes(rows) <= AT_CHANCE).astype(float)
        at_chance = at_chance.mask(rows["diverged"].astype(bool))
        for name in STARTS:
            own = at_chance[(rows["activation"] == name).to_numpy()]
            case = (
                f"relu learns, {label}"
                if name == "relu"
                else f"{name} does not learn, {label}"
            )
            shares[case] = 1 - own if name == "relu" else own
    return shares


def _ahead(difference: float) -> str:
    where_it_is = side(difference, "higher", "lower")
    return f"the test accuracy of ReLU is {in_points(difference)} {where_it_is}"


_DEEP_NETS = (
    "MLPs of 20 layers of 32 units, by Adam and by SGD, and CNNs of 8 layers of 4 "
    "channels, by Adam; ReLU with the He, sigmoid and tanh with the Glorot "
    "initialisation, trained for the same number of epochs, each at its own best "
    "learning rate (by validation error)"
)


_DEEP_NETS_IN_WORDS = {"MLP": "MLPs of 20 layers", "CNN": "CNNs of 8 layers"}


def _stuck(activation: str, *where_from: Source) -> Claim:
    return Claim(
        id=f"deep-{activation}-stuck",
        statement=f"Deep {activation} nets are clearly less accurate than deep ReLU "
        "nets.",
        sources=where_from,
        nets=_DEEP_NETS_IN_WORDS,
        precondition=Precondition(
            text=BETTER_HAS_LEARNED, holds=_pair_learned(activation, better_learned)
        ),
        comparable_if=Precondition(
            text=EACH_HAS_LEARNED, holds=_pair_learned(activation, each_learned)
        ),
        criterion=f"{_DEEP_NETS}: the test accuracy of ReLU is above that of "
        f"{activation} by at least {BEHIND:.2f}. Paired by seed. Residual and "
        "batch-normalised nets are shown for comparison, in the standard and full "
        "profiles, but not judged: they were invented to avoid what the claim says "
        "about plain stacks of layers.",
        rule=Difference(smallest_effect=BEHIND),
        effects=_behind_relu(activation),
        outcomes=("test_accuracy",),
        quantity="difference in test accuracy",
        in_words=_ahead,
    )


CLAIMS = (
    _stuck("sigmoid", sources.CHAPTER, sources.INTRODUCTION.at(sources.LIMITATIONS)),
    _stuck("tanh", sources.INTRODUCTION.at(sources.LIMITATIONS)),
    Claim(
        id="deep-at-chance",
        statement="Deep sigmoid and tanh nets do not train at all; deep ReLU nets do.",
        sources=(
            sources.CHAPTER,
            sources.INTRODUCTION.at(sources.LIMITATIONS),
        ),
        nets=_DEEP_NETS_IN_WORDS,
        criterion=f"{_DEEP_NETS}: the whole interval of the share of seeds that agree "
        f"with the claim is at or above {MOST:g}. A net has learned with a test "
        f"accuracy above {AT_CHANCE:.2f} among ten classes, twice the accuracy of "
        "guessing, or equally far above guessing among other numbers of classes.",
        rule=AtLeast(threshold=MOST),
        effects=_learned_or_not,
        outcomes=("test_accuracy",),
        quantity="share of seeds that agree with the claim",
        digits=2,
        is_share=True,
    ),
)
