"""The shapes that nets learn: a circle as a polygon, and others."""

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import title
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from studies import sources
from studies.decision_boundary.nets import (
    ACTIVATIONS,
    CIRCLE,
    RATE,
    SHAPE,
    SHAPES,
    STEPS_IN_WORDS,
    accuracy_by_seed,
)
from studies.small_nets import edges, predicted, small_nets

LEARNS = 0.95
# The seeds whose boundaries are drawn, each with some of its points: all of them would
# make the page large.
DRAWN, NUM_DRAWN = (0, 1, 2), 150


# The claims ---------------------------------------------------------------------------


def _circle(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **CIRCLE, learning_rate=RATE)
    return {"2-20-1 net": accuracy_by_seed(trials)}


CLAIMS = (
    Claim(
        id="polygon",
        statement="A net of 20 hidden units learns a circle, as a polygon, with leaky "
        "ReLU first and then ReLU.",
        sources=(sources.CHAPTER,),
        nets="2-20-1 nets",
        data="500 points in a square, of which half are in a circle",
        criterion=f"A 2-20-1 net, {STEPS_IN_WORDS}, rate {RATE:g} times 0.9999 after "
        "each round, 300 rounds with leaky ReLU (0.1) and 700 with ReLU: the test "
        f"accuracy is at least {LEARNS:g}. That the boundary consists of straight "
        "pieces follows from the formula.",
        rule=AtLeast(threshold=LEARNS),
        effects=_circle,
        quantity="test accuracy",
        outcomes=("test_accuracy",),
    ),
)


# The figures --------------------------------------------------------------------------


def _regions(
    tables: Tables, trials: pd.DataFrame, column: str, *, row: str = "dataset"
):
    """The nets of trials, in rows and columns, with the edges of those with ReLU."""
    along = np.linspace(-1, 1, 61)
    x = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    trials = trials[~trials["diverged"].astype(bool)]
    trials = trials[trials["key"].isin(tables.outputs["key"])]
    found = []
    for net, trial in zip(
        small_nets(tables, trials), trials.to_dict("records"), strict=True
    ):
        data = datasets.load(
            trial["dataset"],
            inputs=trial["inputs"],
            train_size=trial["train_size"],
            split_seed=trial["seed"] if trial["split"] == "by_seed" else None,
        )
        found.append(
            figures.Region(
                row=_name(trial, row),
                column=_name(trial, column),
                heights=predicted(net, x).reshape(len(along), len(along)),
                x=data.x_train[:NUM_DRAWN],
                labels=data.y_train[:NUM_DRAWN],
                edges=edges(net) if net.activation == "relu" else np.empty((0, 2, 2)),
            )
        )
    return figures.regions(found)


def _name(trial, by: str) -> str:
    is_number = by == "seed"
    return f"seed {trial[by]}" if is_number else title(trial[by]).replace("_", " ")


def _polygon(tables: Tables):
    trials = where(tables.trials, **CIRCLE, learning_rate=RATE, seed=DRAWN)
    return _regions(tables, trials.sort_values("seed"), "seed")


def _by_activation(tables: Tables):
    trials = where(tables.trials, **SHAPE, learning_rate=RATE, seed=DRAWN[0])
    names = list(dict.fromkeys(trials["activation"]))
    if len(names) > len(_MOST_UNLIKE):
        trials = where(trials, activation=_MOST_UNLIKE)
    return _regions(tables, _sorted(trials), "activation")


def _by_seed(tables: Tables):
    trials = where(
        tables.trials, **SHAPE, activation="relu", learning_rate=RATE, seed=DRAWN
    )
    return _regions(tables, _sorted(trials), "seed")


def _sorted(trials: pd.DataFrame) -> pd.DataFrame:
    orders = {"dataset": SHAPES, "activation": ACTIVATIONS["full"]}
    places = {
        name: trials[name].map(list(order).index) for name, order in orders.items()
    }
    order = trials.assign(**places).sort_values(["dataset", "activation", "seed"])
    return trials.loc[order.index]


# A page is as wide as six nets.
_MOST_UNLIKE = ("relu", "leaky_relu_0.1", "prelu", "elu", "tanh", "linear")


def _shape_accuracy(tables: Tables):
    trials = where(tables.trials, **SHAPE, learning_rate=RATE)
    lost = trials["diverged"].astype(bool)
    return figures.dots(
        trials.assign(
            value=trials["test_accuracy"].where(~lost),
            panel=pd.Categorical(
                trials["dataset"].str.replace("_", " "),
                [shape.replace("_", " ") for shape in SHAPES],
                ordered=True,
            ),
        ),
        xlabel="test accuracy",
        column=None,
        row="panel",
        sort=False,
    )


FIGURES = (
    StudyFigure(
        name="polygon",
        title="The circle as a polygon",
        caption="Nets after 300 rounds with leaky ReLU and 700 with ReLU. Shaded: where "
        "the net says that a point is in the circle. Dashed: the lines on which a unit "
        "switches on or off; between them the boundary is straight. Points in the "
        f"circle stand out, the others are faint; {NUM_DRAWN} of the training points are "
        "drawn.",
        claims=("polygon",),
        draw=_polygon,
    ),
    StudyFigure(
        name="shapes-by-activation",
        title="Boundaries by shape and activation",
        caption="Nets of seed 0, with one activation throughout. Shaded: class 1. Dashed: "
        "the lines on which a ReLU switches.",
        draw=_by_activation,
    ),
    StudyFigure(
        name="shapes-by-seed",
        title="Boundaries of ReLU nets by shape and seed",
        caption="Shaded: class 1. Dashed: the lines on which a ReLU switches. How much "
        "depends on the initial weights.",
        draw=_by_seed,
    ),
    StudyFigure(
        name="shape-accuracy",
        title="Test accuracy by shape and activation",
        caption="Dots are estimates over seeds, lines their 95% intervals. All nets have "
        f"20 hidden units and the rate {RATE:g}, which need not be the best of each.",
        draw=_shape_accuracy,
    ),
)
