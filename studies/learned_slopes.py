"""Which slopes does PReLU learn, and are they larger in the first layer?"""

from functools import partial

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    unless_diverged,
    where,
    with_trials,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.accuracy.nets import EPOCHS, NETS
from studies.learning import NET_HAS_LEARNED, learned_by_seed

# The nets are those of the study of accuracy, at fixed rates, with equal settings.
RATES = {"MLP": (1e-3, 1e-2), "CNN": (1e-2,)}
STARTS_AT = 0.25

# So much larger the slopes of the first layer have to be.
LARGER = 0.1


# The trials ---------------------------------------------------------------------------


def _trials(profile: str, *, seeds: range) -> list[Trial]:
    return [
        Trial(
            **net,
            activation="prelu",
            learning_rate=rate,
            epochs=EPOCHS[profile][label],
            seed=seed,
        )
        for label, net in NETS.items()
        for rate in RATES[label]
        for seed in seeds
    ]


TRIALS = {
    "quick": partial(_trials, "quick", seeds=range(20)),
    "standard": partial(_trials, "standard", seeds=range(20)),
    "full": partial(_trials, "full", seeds=range(50)),
}


# The claims ---------------------------------------------------------------------------


def _slopes(tables: Tables) -> pd.DataFrame:
    """The mean slope of each net and layer, over its channels."""
    rows = where(tables.outputs, name="negative_slope")
    means = rows.groupby(["key", "layer"], observed=True)["value"].mean().reset_index()
    frame = with_trials(means, tables)
    return frame.assign(value=unless_diverged(frame, "value"))


def _first_over_rest(tables: Tables) -> dict[str, pd.Series]:
    slopes = _slopes(tables)
    cases = {}
    for label, net in NETS.items():
        for rate in RATES[label]:
            rows = where(slopes, **net, learning_rate=rate)
            first = where(rows, layer=0).set_index("seed")["value"]
            rest = rows[rows["layer"] > 0].groupby("seed")["value"]
            rest = rest.mean(skipna=False) if len(rows) else first
            cases[f"{label}, rate {rate:g}"] = (first - rest).sort_index()
    return cases


def _learned(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, activation="prelu")
    return {
        f"{label}, rate {rate:g}": learned_by_seed(
            where(trials, **net, learning_rate=rate)
        )
        for label, net in NETS.items()
        for rate in RATES[label]
    }


CLAIMS = (
    Claim(
        id="prelu-slopes",
        statement="The slopes that PReLU learns are larger in the first layer than "
        "deeper in the net.",
        sources=(sources.HE.at("table 1"),),
        nets={"MLP": "MLPs of 6 layers", "CNN": "CNNs of 2 layers"},
        precondition=Precondition(text=NET_HAS_LEARNED, holds=_learned),
        criterion="After training with initial slopes of 0.25: the mean slope of the "
        f"first layer is larger than that of the others by at least {LARGER:g}. MLP "
        "of 6 layers and CNN of 2 layers, trained by Adam at the stated rates.",
        rule=Difference(smallest_effect=LARGER),
        effects=_first_over_rest,
        quantity="slope of the first layer minus that of the others",
        published="He 2015, on ImageNet: 0.681 (shared) and 0.596 (channel-wise) in the "
        "first convolution, 0.1 to 0.5 in the second, 0.03 to 0.07 in the dense layers.",
    ),
)


# The figures --------------------------------------------------------------------------


def _by_layer(tables: Tables):
    slopes = _slopes(tables)
    slopes = slopes.sort_values(
        ["architecture", "learning_rate"], ascending=[False, True]
    )
    labels = {net["architecture"]: label for label, net in NETS.items()}
    # Of no rows, map would give numbers.
    rate = slopes["learning_rate"].map(", rate {:g}".format).astype(str)
    return figures.points_by_layer(
        slopes.assign(panel=slopes["architecture"].map(labels) + rate),
        ylabel="learned slope",
        column="panel",
    )


FIGURES = (
    StudyFigure(
        name="slopes",
        title="Learned slopes by layer",
        caption="Each point is the mean slope of one layer of one net, over its "
        f"channels. All slopes started at {STARTS_AT:g}. The line connects the "
        "medians.",
        claims=("prelu-slopes",),
        draw=_by_layer,
    ),
)


STUDY = Study(
    name="learned_slopes",
    title="Learned slopes",
    question="Which slopes does PReLU learn, and are they larger in the first layer?",
    method="PReLU nets with one slope per channel, all initially 0.25, are trained by "
    "Adam with batches of 32: fully connected nets of 6 layers of 32 units, and "
    "convolutional nets of 2 layers of 8 channels. The slopes are measured after the "
    "last epoch.",
    not_shown="The slopes of deeper nets or of nets on harder data, and slopes that "
    "started elsewhere than at 0.25.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
)
