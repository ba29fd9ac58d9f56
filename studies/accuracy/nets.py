"""The nets, and how claims compare them in pairs, each at its best learning rate."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from keras_rectifiers.comparison.statistics import paired_outcomes, where
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.sources import Source
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)
from studies.points import in_points, is_nothing

SLOPES = {"leaky_relu": "0.01", "leaky_relu_0.1": "0.1", "very_leaky_relu": "1/5.5"}
LEAKY = (*SLOPES, "prelu", "rrelu")
COMMON = {"initializer": "gain", "optimizer": "adam", "batch_size": 32}
# The fully connected nets are those of the studies of dying ReLU and of learned slopes,
# with equal settings, so that they are trained only once.
NETS = {
    "MLP": {"architecture": "mlp", "depth": 6, "width": 32, **COMMON},
    "CNN": {"architecture": "cnn", "depth": 2, "width": 8, **COMMON},
}
ACTIVATIONS = {
    "MLP": ("relu", *LEAKY, "elu", "sigmoid", "tanh"),
    "CNN": ("relu", "prelu", "elu", "sigmoid", "tanh"),
}
RATES = {"MLP": (3e-4, 1e-3, 3e-3, 1e-2, 3e-2), "CNN": (1e-3, 3e-3, 1e-2, 3e-2, 0.1)}
EPOCHS = {
    "quick": {"MLP": 8, "CNN": 3},
    "standard": {"MLP": 20, "CNN": 4},
    "full": {"MLP": 100, "CNN": 60},
}

# Half a point of accuracy is the smallest effect of interest.
SMALLEST_EFFECT = 0.005


def _grids(epochs: Mapping[str, int], seeds: Mapping[str, range]) -> list[RateGrid]:
    return [
        RateGrid(
            title=f"{label} of {net['depth']} layers, Adam",
            nets=[
                Trial(**net, activation=activation, epochs=epochs[label])
                for activation in ACTIVATIONS[label]
            ],
            rates=RATES[label],
            seeds=seeds[label],
        )
        for label, net in NETS.items()
    ]


GRIDS = {
    # No convolutional claim needs more than 20 seeds, and they take their time.
    profile: _grids(
        epochs, {"MLP": range(50), "CNN": range(50 if profile == "full" else 20)}
    )
    for profile, epochs in EPOCHS.items()
}


Effects = Callable[[Tables], Mapping[str, pd.Series]]


def best_trials(tables: Tables, label: str) -> pd.DataFrame:
    """The trials of each net at the best rate of each seed, with their gap."""
    trials = where(at_best_rate(tables), **NETS[label])
    return trials.assign(gap=trials["train_accuracy"] - trials["test_accuracy"])


def lead(
    a: str,
    others: Sequence[str],
    *,
    labels: Sequence[str] = ("MLP",),
    value: str = "test_accuracy",
    sign: int = 1,
) -> Effects:
    """The lead of a over each other activation (with sign -1, how far it is behind)."""

    def effects(tables: Tables) -> dict[str, pd.Series]:
        best = {label: best_trials(tables, label) for label in labels}
        return {
            f"{a} and {other}, {label}": sign
            * paired_outcomes(best[label], value, a, other)
            for label in labels
            for other in others
        }

    return effects


def better_net_learned(
    a: str, others: Sequence[str], *, labels: Sequence[str] = ("MLP",)
) -> Precondition:
    """That the more accurate net of each pair of `lead` has learned."""
    holds = _of_pairs(better_learned, a, others, labels)
    return Precondition(text=BETTER_HAS_LEARNED, holds=holds)


def both_nets_learned(
    a: str, others: Sequence[str], *, labels: Sequence[str] = ("MLP",)
) -> Precondition:
    """That both nets of each pair have learned."""
    holds = _of_pairs(each_learned, a, others, labels)
    return Precondition(text=EACH_HAS_LEARNED, holds=holds)


def _of_pairs(
    learned: Callable, a: str, others: Sequence[str], labels: Sequence[str]
) -> Effects:
    """Whether `learned` holds for the nets of each pair of `lead`."""

    def holds(tables: Tables) -> dict[str, pd.Series]:
        best = {label: best_trials(tables, label) for label in labels}
        return {
            f"{a} and {other}, {label}": learned(best[label], a, other)
            for label in labels
            for other in others
        }

    return holds


def points_as_claimed(quantity: str):
    """Says what a difference in accuracy means, positive if it is as a claim has it."""

    def in_words(difference: float) -> str:
        found = f"the {quantity} is {in_points(difference)}"
        if is_nothing(difference):
            return found
        where = "direction claimed" if difference > 0 else "other direction"
        return f"{found} in the {where}"

    return in_words


def claim_on_pairs(
    id: str,
    statement: str,
    where_from: Sequence[Source],
    what: str,
    effects: Effects,
    quantity: str = "difference in test accuracy",
    **others,
):
    return Claim(
        id=id,
        statement=statement,
        sources=where_from,
        nets={"MLP": "MLPs of 6 layers", "CNN": "CNNs of 2 layers"},
        criterion="Nets at their own best learning rates (by validation error): "
        f"{what}, by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=effects,
        digits=4,
        quantity=quantity,
        **{
            "outcomes": ("test_accuracy",),
            "in_words": points_as_claimed(quantity),
            **others,
        },
    )


XU = (
    "Xu 2015, test error of ReLU, leaky ReLU (0.01), leaky ReLU (1/5.5), PReLU and "
    "RReLU: CIFAR-10 0.1245, 0.1266, 0.1120, 0.1179, 0.1119; CIFAR-100 0.4290, "
    "0.4205, 0.4042, 0.4163, 0.4025. Different nets, trained for hundreds of epochs."
)
