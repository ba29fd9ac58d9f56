"""Deep nets after training: do they learn, and do their units saturate?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    measured,
    paired_outcomes,
    where,
)
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
    NET_HAS_LEARNED,
    better_learned,
    each_learned,
    learned_by_seed,
)
from studies.vanishing_gradients.at_random import (
    DECAY_LABEL,
    KEPT,
    SCALE,
    SIGMOIDS,
    decays,
)

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
# Of a saturated net that share of units and examples is, over its layers: one in ten.
SATURATED = 0.10


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
    where_it_is = "higher" if difference > 0 else "lower"
    return (
        f"the test accuracy of ReLU is {abs(difference) * 100:.1f} percentage points "
        f"{where_it_is}"
    )


def _best(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The rows of the deep nets at their best rates."""
    return where(frame, key=list(where(at_best_rate(tables), **DEEP)["key"]))


def _saturated(tables: Tables) -> dict[str, pd.Series]:
    rows = _best(measured(tables, "saturation"), tables)
    names = ["activation", "optimizer", "epoch", "epochs", "seed"]
    means = rows.groupby(names)["value"].mean(skipna=False).reset_index()
    cases = {}
    for activation in SIGMOIDS:
        nets = where(means, activation=activation)
        # By whatever optimizer a net will be trained, it starts from the same weights.
        starts = where(nets, optimizer="adam", epoch=0)
        cases[f"{activation}, before training"] = by_seed(starts)
        for optimizer, label in OPTIMIZERS.items():
            trained = where(nets, optimizer=optimizer)
            last = trained[trained["epoch"] == trained["epochs"]]
            cases[f"{activation}, after training by {label}"] = by_seed(last)
    return cases


def _learned_after_training(tables: Tables) -> dict[str, pd.Series]:
    trials = where(at_best_rate(tables), **DEEP)
    return {
        f"{activation}, after training by {label}": learned_by_seed(
            where(trials, activation=activation, optimizer=optimizer)
        )
        for activation in SIGMOIDS
        for optimizer, label in OPTIMIZERS.items()
    }


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
    Claim(
        id="saturates",
        statement="Sigmoid and tanh saturate.",
        sources=(
            sources.OVERVIEW,
            sources.INTRODUCTION.at(sources.LIMITATIONS),
            sources.TUTORIAL,
        ),
        nets="MLPs of 20 layers",
        precondition=Precondition(
            text=f"{NET_HAS_LEARNED}, in the cases after training",
            holds=_learned_after_training,
        ),
        criterion="MLPs of 20 layers of 32 units with the Glorot initialisation, each "
        "at its own best learning rate, before and after training: the whole interval "
        f"of the saturation, averaged over the layers, is at or above {SATURATED:g}. "
        "Saturation is the share of units and examples at which the slope is below 5% "
        "of the largest slope. A figure shows the single layers.",
        rule=AtLeast(threshold=SATURATED),
        effects=_saturated,
        quantity="mean saturation",
        in_words=lambda share: f"{share:.1%} of units and examples are saturated",
    ),
)


# The figures --------------------------------------------------------------------------


def _first_and_last(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The deep nets at their best rates, before and after training."""
    rows = _best(frame, tables)
    rows = rows[(rows["epoch"] == 0) | (rows["epoch"] == rows["epochs"])]
    when = (rows["epoch"] > 0).map({False: "before training", True: "after training"})
    kinds = ["before training", "after training"]
    return rows.assign(
        when=pd.Categorical(when, categories=kinds, ordered=True),
        trained=_trained_by(rows),
    )


def _trained_by(rows: pd.DataFrame) -> pd.Series:
    return "trained by " + rows["optimizer"].map(OPTIMIZERS)


def _decay_through_training(tables: Tables):
    rows = decays(tables).rename(columns={"gradient_decay": "value"})
    return figures.dots(
        _first_and_last(rows, tables),
        xlabel=DECAY_LABEL,
        column="trained",
        mark="when",
        band=KEPT,
        linear_within=KEPT[1],
        sort=False,
    )


def _saturation(tables: Tables):
    return figures.lines_by_layer(
        _first_and_last(measured(tables, "saturation"), tables),
        ylabel="saturation",
        column="trained",
        row="when",
        panel_height=1.9,
    )


def _saturation_over_time(tables: Tables):
    rows = _best(measured(tables, "saturation"), tables)
    by_net = rows.groupby(["key", "epoch"], sort=False)["value"]
    means = by_net.mean(skipna=False).reset_index()
    columns = ["key", "activation", "optimizer", "seed", "diverged"]
    nets = means.merge(tables.trials[columns], on="key", validate="many_to_one")
    nets = nets.sort_values("optimizer")
    return figures.lines_against(
        nets.assign(trained=_trained_by(nets)),
        "epoch",
        xlabel="epoch (0 is before training)",
        ylabel="saturation, mean over layers",
        column="trained",
    )


FIGURES = (
    StudyFigure(
        name="training",
        title="Gradient decay before and after training",
        caption="Hollow dots: before training. Filled dots: after training. Dots that "
        f"are far apart mean that training changed the gradient decay. {SCALE}",
        draw=_decay_through_training,
    ),
    StudyFigure(
        name="saturation",
        title="Saturation of sigmoid and tanh by layer in nets of 20 layers",
        caption="The share of units, over all examples, at which the function is "
        "nearly flat: its slope is below 5% of its largest slope. A saturated unit "
        "passes on almost no gradient. If the gradient vanishes at low saturation, "
        "there is another reason: the slope of the sigmoid is at most 0.25. Lines are "
        "medians over seeds; bands contain the middle 80%.",
        claims=("saturates",),
        draw=_saturation,
    ),
    StudyFigure(
        name="saturation-time",
        title="Saturation of sigmoid and tanh during training",
        caption="The same share, averaged over the layers, after each epoch. Dots are "
        "estimates over seeds, vertical lines their 95% intervals.",
        draw=_saturation_over_time,
    ),
)
