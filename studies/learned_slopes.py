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
    slopes = _of_channels(tables)
    settings = slopes.drop(columns=["index", "value"])
    means = slopes.groupby(["key", "layer"], observed=True)["value"].mean(skipna=False)
    nets = settings.drop_duplicates(["key", "layer"])
    return nets.merge(means.reset_index(), on=["key", "layer"])


def _of_channels(tables: Tables) -> pd.DataFrame:
    """The slope of each channel."""
    frame = with_trials(where(tables.outputs, name="negative_slope"), tables)
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


def _named(slopes: pd.DataFrame) -> pd.DataFrame:
    """Adds the name of the net for the title of a panel."""
    slopes = slopes.sort_values(
        ["architecture", "learning_rate"], ascending=[False, True], kind="stable"
    )
    labels = {net["architecture"]: label for label, net in NETS.items()}
    # Of no rows, map would give numbers.
    rate = slopes["learning_rate"].map(", rate {:g}".format).astype(str)
    return slopes.assign(panel=slopes["architecture"].map(labels) + rate)


def _by_layer(tables: Tables):
    return figures.points_by_layer(
        _named(_slopes(tables)), ylabel="learned slope", column="panel"
    )


def _single_slopes(tables: Tables):
    return figures.ridges(
        _named(_of_channels(tables)),
        panel="panel",
        row="layer",
        xlabel="learned slope of a channel (dotted: where all started)",
        ylabel="hidden layer",
        mark=STARTS_AT,
    )


def _spread_of_first(tables: Tables) -> str:
    first = where(_named(_of_channels(tables)), layer=0).dropna(subset="value")
    quantiles = first.groupby("panel", sort=False)["value"].quantile([0.1, 0.9])
    spreads = [
        f"between {low:.2f} and {high:.2f} ({panel})".replace("-", "\N{MINUS SIGN}")
        for panel, (low, high) in quantiles.unstack().iterrows()
    ]
    return (
        f"Of the first layer, the middle 80% of the slopes lie {', '.join(spreads)}; "
        f"{(first['value'] < 0).mean():.1%} of them all are below 0."
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
    StudyFigure(
        name="channels",
        title="Distribution of the learned slopes over the channels",
        caption="Each ridge shows the slopes of all channels of a layer, of all seeds: "
        "the density from the smallest slope to the largest, drawn equally high. The "
        "dot is the median. With a slope below 0, a channel is no longer monotonic.",
        claims=("prelu-slopes",),
        draw=_single_slopes,
        finding=_spread_of_first,
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
