"""Deep nets through training: do their units saturate, do their gradients decay?"""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import by_seed, measured, where
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.learning import NET_HAS_LEARNED, learned_by_seed
from studies.points import in_percent
from studies.vanishing_gradients.at_random import KEPT, SIGMOIDS, decays
from studies.vanishing_gradients.at_random_figures import DECAY_LABEL, SCALE
from studies.vanishing_gradients.trained import DEEP, OPTIMIZERS

# Of a saturated net that share of units and examples is, over its layers: one in ten.
SATURATED = 0.10


# The claims ---------------------------------------------------------------------------


def _best(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The rows of the deep nets at their best rates."""
    return where(frame, key=list(where(at_best_rate(tables), **DEEP)["key"]))


def _saturated(tables: Tables) -> dict[str, pd.Series]:
    rows = _best(measured(tables, "saturation"), tables)
    names = ["activation", "optimizer", "epoch", "epochs", "seed"]
    means = rows.groupby(names, observed=True)["value"].mean(skipna=False).reset_index()
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


CLAIMS = (
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
        in_words=lambda share: (
            f"{in_percent(share)} of units and examples are saturated"
        ),
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
    by_net = rows.groupby(["key", "epoch"], sort=False, observed=True)["value"]
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
