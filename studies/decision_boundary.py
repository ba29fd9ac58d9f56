"""Which shapes in the plane does a small net of rectifiers learn?"""

from functools import partial

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import title
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    after_training,
    by_seed,
    measured,
    minus,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from studies import sources
from studies.small_nets import STEPS, edges, predicted, small_nets

# The chapter's net, and its training: 1000 rounds, of which 300 with leaky ReLU.
NET = {"train_size": 500, "width": 20, "probe_size": 500, **STEPS}
CIRCLE = {"dataset": "circle", "activation": "relu", "recipe": "leaky_first", **NET}
RATE, EPOCHS = 0.01, 20
# The same without leaky ReLU first, for other shapes, activations and rates.
SHAPE = {"recipe": "shape", **NET}
SHAPES = ("circle", "ring", "two_moons", "spiral", "checkerboard")
ACTIVATIONS = {
    # Each takes a graph to trace, for which the quick profile has not the time.
    "quick": ("relu", "leaky_relu_0.1", "tanh", "linear"),
    "standard": (
        *("relu", "leaky_relu", "leaky_relu_0.1", "very_leaky_relu", "prelu", "rrelu"),
        *("elu", "smooth_relu", "tanh", "linear"),
    ),
}
ACTIVATIONS["full"] = ACTIVATIONS["standard"]
SHAPE_EPOCHS = {"quick": 4, "standard": 20, "full": 20}
RATES = (0.003, RATE, 0.03, 0.1, 0.3)
TOO_FAST = RATES[2:]

LEARNS = 0.95
# A tenth of the units, and a tenth of the points.
MUCH = 0.10
# The seeds whose boundaries are drawn, each with some of its points: all of them would
# make the page large.
DRAWN, NUM_DRAWN = (0, 1, 2), 150


# The trials ---------------------------------------------------------------------------


def _trials(profile: str, *, seeds: range) -> list[Trial]:
    epochs = SHAPE_EPOCHS[profile]
    circles = [
        Trial(**CIRCLE, learning_rate=RATE, epochs=EPOCHS, seed=seed) for seed in seeds
    ]
    shapes = [
        Trial(
            **SHAPE,
            dataset=shape,
            activation=activation,
            learning_rate=RATE,
            epochs=epochs,
            seed=seed,
        )
        for shape in SHAPES
        for activation in ACTIVATIONS[profile]
        for seed in seeds
    ]
    rates = [
        Trial(
            **SHAPE,
            dataset="circle",
            activation="relu",
            learning_rate=rate,
            epochs=epochs,
            seed=seed,
        )
        for rate in RATES
        for seed in seeds
    ]
    return list(dict.fromkeys([*circles, *shapes, *rates]))


TRIALS = {
    "quick": partial(_trials, "quick", seeds=range(20)),
    "standard": partial(_trials, "standard", seeds=range(20)),
    "full": partial(_trials, "full", seeds=range(50)),
}


# The claims ---------------------------------------------------------------------------


def _accuracy(trials: pd.DataFrame) -> pd.Series:
    """The test accuracy by seed; a net that diverged names one class: half are right."""
    lost = trials["diverged"].astype(bool)
    value = trials["test_accuracy"].astype(float).where(~lost, 0.5)
    return by_seed(trials.assign(value=value))


def _circle(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **CIRCLE, learning_rate=RATE)
    return {"2-20-1 net": _accuracy(trials)}


def _rates(tables: Tables) -> pd.DataFrame:
    return where(tables.trials, **SHAPE, dataset="circle", activation="relu")


def _dead(tables: Tables) -> pd.DataFrame:
    """The dead units after training; no value of a net that diverged.

    Its units did not die: their numbers are lost.
    """
    rows = after_training(measured(tables, "dead_units"))
    rows = where(rows, **SHAPE, dataset="circle", activation="relu")
    return rows.assign(value=unless_diverged(rows, "value"))


def _failure(tables: Tables) -> dict[str, pd.Series]:
    dead, trials = _dead(tables), _rates(tables)
    cases = {}
    for rate in TOO_FAST:
        more = [by_seed(where(dead, learning_rate=r)) for r in (rate, RATE)]
        cases[f"dead units, rate {rate:g}"] = minus(*more)
        less = [_accuracy(where(trials, learning_rate=r)) for r in (RATE, rate)]
        cases[f"accuracy, rate {rate:g}"] = minus(*less)
    return cases


_STEPS_IN_WORDS = "gradient descent on one example a step, points in order"

CLAIMS = (
    Claim(
        id="polygon",
        statement="A net of 20 hidden units learns a circle, as a polygon, with leaky "
        "ReLU first and then ReLU.",
        sources=(sources.CHAPTER,),
        nets="2-20-1 nets",
        data="500 points in a square, of which half are in a circle",
        criterion=f"A 2-20-1 net, {_STEPS_IN_WORDS}, rate {RATE:g} times 0.9999 after "
        "each round, 300 rounds with leaky ReLU (0.1) and 700 with ReLU: the test "
        f"accuracy is at least {LEARNS:g}. That the boundary consists of straight "
        "pieces follows from the formula.",
        rule=AtLeast(threshold=LEARNS),
        effects=_circle,
        quantity="test accuracy",
        outcomes=("test_accuracy",),
    ),
    Claim(
        id="too-fast-dies",
        statement="With too large a learning rate ReLU fails because neurons die.",
        sources=(sources.CHAPTER.at("exercise 2"),),
        nets="2-20-1 nets",
        data="500 points in a square, of which half are in a circle",
        criterion=f"A 2-20-1 net of ReLUs on the circle, {_STEPS_IN_WORDS}: at a larger "
        f"rate at least {MUCH:g} more of the units are dead than at {RATE:g}, and the "
        f"test accuracy is lower by at least {MUCH:g}. A net that diverged has half "
        "of the points right, and no value for dead units, as its numbers are lost and "
        "not its units dead. Paired by seed.",
        rule=Difference(smallest_effect=MUCH),
        effects=_failure,
        quantity="rise of dead units, or fall of accuracy",
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


def _against_rate(tables: Tables):
    accuracy = _rates(tables)
    lost = accuracy["diverged"].astype(bool)
    accuracy = accuracy.assign(
        value=accuracy["test_accuracy"].where(~lost), panel="test accuracy"
    )
    rows = pd.concat([accuracy, _dead(tables).assign(panel="dead units")])
    return figures.lines_against(
        rows,
        "learning_rate",
        xlabel="first learning rate",
        ylabel="share",
        column="panel",
        log_x=True,
    )


FIGURES = (
    StudyFigure(
        name="polygon",
        title="The circle as a polygon",
        caption="Nets after 300 rounds with leaky ReLU and 700 with ReLU. Shaded: where "
        "the net says that a point is in the circle. Dashed: the lines on which a unit "
        "switches on or off; between them the boundary is straight. Dark points are in "
        f"the circle; {NUM_DRAWN} of the training points are drawn.",
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
    StudyFigure(
        name="too-fast",
        title="Dead units and accuracy against the learning rate",
        caption="ReLU on the circle. A net that diverged is in neither panel. "
        "Vertical lines are 95% intervals.",
        claims=("too-fast-dies",),
        draw=_against_rate,
    ),
)


STUDY = Study(
    name="decision_boundary",
    title="Decision boundaries",
    question="Which shapes in the plane does a small net of rectifiers learn, and how "
    "does it fail if it learns too fast?",
    method="The chapter's example and its exercises: nets of two inputs, 20 hidden units "
    "and one linear output, which says 1 above one half, are trained on the squared "
    "error. There are 500 training points of each shape. All weights start uniform within "
    "±1.5. Each step is on one example, in order, and the rate is multiplied by 0.9999 "
    "after each round. The circle has 300 rounds with leaky ReLU (slope 0.1) and 700 "
    "with ReLU; the other nets have one activation throughout, 200 rounds in the quick "
    "profile and 1000 in the others. The nets are measured every 50 rounds, which count "
    "as an epoch.",
    not_shown="Which activation suits a shape best: all have the same learning rate, "
    "and the quick profile shows few of them. A net with more units would follow the "
    "spiral and the checkerboard further. The criteria were fixed before training, but "
    "the number of points, 500, was chosen after a first look.",
    dataset="digits",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
)
