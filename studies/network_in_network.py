"""Do the rectifiers that Xu 2015 compares differ in its net as they do there?"""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.study_table import StudyTable
from keras_rectifiers.comparison.statistics import (
    bounded_hodges_lehmann,
    paired_outcomes,
    unless_diverged,
    where,
    with_trials,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, format_number
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.sources import Source
from studies import sources
from studies.accuracy.nets import points_as_claimed
from studies.learned_slopes import LARGER
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    NET_HAS_LEARNED,
    better_learned,
    each_learned,
    learned_by_seed,
)
from studies.profiles import Profile

# The activations in the order of the paper's tables, and how it names them.
NAMES = {
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU, slope 0.01",
    "very_leaky_relu": "leaky ReLU, slope 1/5.5",
    "prelu": "PReLU",
    "rrelu": "RReLU",
}
# Data set -> test errors of these in Xu 2015.
PUBLISHED = {
    "cifar10": (0.1245, 0.1266, 0.1120, 0.1179, 0.1119),
    "cifar100": (0.4290, 0.4205, 0.4042, 0.4163, 0.4025),
}

NETS = {
    "standard": {
        "architecture": "nin",
        "depth": 6,
        "width": 32,
        "initializer": "gain",
        "optimizer": "adam",
        "batch_size": 32,
        "epochs": 15,
        "probe_size": 64,
    },
    # With the settings by which the net of the paper was trained, except that its rate
    # falls along a cosine.
    "full": {
        "architecture": "nin_lin",
        "depth": 8,
        "width": 192,
        "initializer": "gain",
        "optimizer": "sgd",
        "momentum": 0.9,
        "schedule": "cosine",
        "weight_l2": 5e-5,
        "dropout": 0.5,
        "batch_size": 128,
        "epochs": 100,
        "probe_size": 64,
    },
}
RATES = {"standard": (1e-3, 3e-3, 1e-2), "full": (0.01, 0.03, 0.1)}
SEEDS = range(20)

# As in the study of accuracy.
SMALLEST_EFFECT = 0.005

GRIDS = {
    profile: [
        RateGrid(
            title=f"Network in network of {net['depth']} hidden layers",
            nets=[Trial(**net, activation=activation) for activation in NAMES],
            rates=RATES[profile],
            seeds=SEEDS,
        )
    ]
    for profile, net in NETS.items()
}


# The claims ---------------------------------------------------------------------------

Effects = Callable[[Tables], Mapping[str, pd.Series]]


def _best(tables: Tables) -> pd.DataFrame:
    """The trials of each activation at the best rate of each seed, with their gap."""
    trials = at_best_rate(tables)
    return trials.assign(gap=trials["train_accuracy"] - trials["test_accuracy"])


def _of_pairs(a: str, others: Sequence[str], compared: Callable) -> Effects:
    """What a function says of the trials of a and of each other activation."""

    def effects(tables: Tables) -> dict[str, pd.Series]:
        best = _best(tables)
        return {f"{a} and {other}": compared(best, a, other) for other in others}

    return effects


def _claim(
    id: str,
    statement: str,
    where_from: Sequence[Source],
    what: str,
    a: str,
    others: Sequence[str],
    *,
    value: str = "test_accuracy",
    sign: int = 1,
    needs_both: bool = False,
    **more,
) -> Claim:
    both = Precondition(text=EACH_HAS_LEARNED, holds=_of_pairs(a, others, each_learned))
    better = Precondition(
        text=BETTER_HAS_LEARNED, holds=_of_pairs(a, others, better_learned)
    )
    return Claim(
        id=id,
        statement=statement,
        sources=where_from,
        nets="networks in networks",
        precondition=both if needs_both else better,
        comparable_if=both,
        criterion="Nets at their own best learning rates (by validation error): "
        f"{what}, by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_of_pairs(
            a,
            others,
            lambda best, *pair: sign * paired_outcomes(best, value, *pair),
        ),
        digits=4,
        in_words=points_as_claimed,
        published=_XU,
        **{
            "quantity": "difference in test accuracy",
            "outcomes": (value,),
            **more,
        },
    )


def _slopes(tables: Tables) -> pd.DataFrame:
    """The mean slope of each layer of PReLU's nets at their best rates."""
    rows = where(tables.outputs, name="negative_slope")
    best = where(_best(tables), activation="prelu")
    means = rows.groupby(["key", "layer"])["value"].mean().reset_index()
    frame = with_trials(means[means["key"].isin(best["key"])], tables)
    return frame.assign(value=unless_diverged(frame, "value"))


def _first_over_rest(tables: Tables) -> dict[str, pd.Series]:
    slopes = _slopes(tables)
    first = where(slopes, layer=0).set_index("seed")["value"]
    rest = slopes[slopes["layer"] > 0].groupby("seed")["value"]
    rest = rest.mean(skipna=False) if len(slopes) else first
    return {"PReLU": (first - rest).sort_index()}


def _prelu_learned(tables: Tables) -> dict[str, pd.Series]:
    return {"PReLU": learned_by_seed(where(_best(tables), activation="prelu"))}


_XU = (
    "Xu 2015, test error of ReLU, leaky ReLU (0.01), leaky ReLU (1/5.5), PReLU and "
    "RReLU: CIFAR-10 0.1245, 0.1266, 0.1120, 0.1179, 0.1119; CIFAR-100 0.4290, "
    "0.4205, 0.4042, 0.4163, 0.4025. Trained on all 50,000 images for hundreds of epochs."
)
_OTHERS = "ReLU, leaky ReLU (slopes 0.01 and 1/5.5)"

CLAIMS = (
    _claim(
        "leaky-better",
        "Leaky ReLU is better than ReLU.",
        (sources.TUTORIAL, sources.XU),
        "test accuracy of leaky ReLU with each slope above that of ReLU",
        "relu",
        ("leaky_relu", "very_leaky_relu"),
        sign=-1,
    ),
    _claim(
        "very-leaky-better",
        "A slope of 1/5.5 does better than one of 0.01.",
        (sources.OVERVIEW, sources.XU),
        "test accuracy with the larger slope above that with the smaller",
        "very_leaky_relu",
        ("leaky_relu",),
    ),
    _claim(
        "prelu-train-best",
        "PReLU has the lowest training error.",
        (sources.XU,),
        f"training accuracy of PReLU above that of each of {_OTHERS} and RReLU",
        "prelu",
        ("relu", "leaky_relu", "very_leaky_relu", "rrelu"),
        value="train_accuracy",
        quantity="difference in training accuracy",
    ),
    _claim(
        "rrelu-least-overfit",
        "RReLU overfits least on small data.",
        (sources.OVERVIEW, sources.XU),
        f"the gap between training and test accuracy of each of {_OTHERS} and PReLU "
        "above that of RReLU",
        "rrelu",
        ("relu", "leaky_relu", "very_leaky_relu", "prelu"),
        value="gap",
        sign=-1,
        needs_both=True,
        quantity="difference in the gap",
        outcomes=("train_accuracy", "test_accuracy"),
    ),
    _claim(
        "rrelu-best",
        "RReLU has the best test accuracy.",
        (sources.OVERVIEW, sources.XU),
        f"test accuracy of RReLU above that of each of {_OTHERS} and PReLU",
        "rrelu",
        ("relu", "leaky_relu", "very_leaky_relu", "prelu"),
    ),
    Claim(
        id="prelu-slopes",
        statement="The slopes that PReLU learns are larger in the first layer than "
        "deeper in the net.",
        sources=(sources.HE.at("table 1"),),
        nets="networks in networks",
        precondition=Precondition(text=NET_HAS_LEARNED, holds=_prelu_learned),
        criterion="After training with initial slopes of 0.25, at the best learning rate "
        "(by validation error): the mean slope of the first layer is larger than that of "
        f"the others by at least {LARGER:g}.",
        rule=Difference(smallest_effect=LARGER),
        effects=_first_over_rest,
        quantity="slope of the first layer minus that of the others",
        published="He 2015, on ImageNet: 0.681 (shared) and 0.596 (channel-wise) in the "
        "first convolution, 0.1 to 0.5 in the second, 0.03 to 0.07 in the dense layers.",
    ),
)


# The table and the figures ------------------------------------------------------------


def _errors(tables: Tables) -> list[Sequence[str]]:
    """Each activation with its errors and those of the paper on the same data."""
    best = _best(tables)
    data = set(best["dataset"]) & set(PUBLISHED)
    published = PUBLISHED[data.pop()] if len(data) == 1 else [None] * len(NAMES)
    return [
        (
            name,
            _interval(where(best, activation=activation), "train_accuracy"),
            _interval(where(best, activation=activation), "test_accuracy"),
            "–" if error is None else f"{error:.4f}",
        )
        for (activation, name), error in zip(NAMES.items(), published, strict=True)
    ]


def _interval(trials: pd.DataFrame, accuracy: str) -> str:
    """The error over the seeds with its interval; a lost net may have had any."""
    errors = 1 - unless_diverged(trials, accuracy).astype(float)
    if errors.empty:
        return "–"
    interval = bounded_hodges_lehmann(errors.fillna(0.0), errors.fillna(1.0))
    low, high = (format_number(end) for end in (interval.low, interval.high))
    return f"{format_number(interval.estimate)} ({low} to {high})"


TABLES = (
    StudyTable(
        title="Errors, and those of Xu 2015",
        caption="Each net at its own best rate: the estimate over seeds and its 95% "
        "interval. The paper's errors are those on all training images, and are no "
        "target: compare the order of the rows, and how far they are apart.",
        headings=(
            "Activation",
            "Training error",
            "Test error",
            "Test error in Xu 2015",
        ),
        rows=_errors,
    ),
)


def _accuracy(tables: Tables):
    trials = _best(tables)
    kinds = ["test", "training"]
    parts = [
        trials.assign(value=unless_diverged(trials, f"{column}_accuracy"), what=what)
        for column, what in (("test", "test"), ("train", "training"))
    ]
    frame = pd.concat(parts, ignore_index=True)
    return figures.dots(
        frame.assign(
            what=pd.Categorical(frame["what"], kinds, ordered=True),
            panel="Network in network",
        ),
        xlabel="accuracy, each net at its own best rate",
        column="panel",
        mark="what",
    )


def _by_layer(tables: Tables):
    return figures.points_by_layer(
        _slopes(tables).assign(panel="Network in network"),
        ylabel="learned slope",
        column="panel",
    )


FIGURES = (
    StudyFigure(
        name="accuracy",
        title="Accuracy of each activation",
        caption="Dots are estimates over seeds, lines their 95% intervals. Hollow dots: "
        "test split; filled dots: training split. The distance between the two is the "
        "gap. The claims are judged by paired differences, which can be clear even if "
        "the intervals overlap here.",
        claims=tuple(claim.id for claim in CLAIMS if claim.id != "prelu-slopes"),
        draw=_accuracy,
    ),
    StudyFigure(
        name="slopes",
        title="Slopes that PReLU learned, by layer",
        caption="Each point is the mean slope of one layer of one net, over its "
        "channels. All slopes started at 0.25. The line connects the medians.",
        claims=("prelu-slopes",),
        draw=_by_layer,
    ),
)


STUDY = Study(
    name="network_in_network",
    title="Rectifiers in a network in network",
    question="Do the rectifiers that Xu 2015 compares differ in a network in network on "
    "CIFAR-10 as they do there?",
    method="In the standard profile, networks in networks of 6 layers of 32 channels are "
    "trained for 15 epochs on 5,000 images by Adam with batches of 32: three blocks of a "
    "3 × 3 and a 1 × 1 convolution, with max pooling between them, and the means of the "
    "last channels as inputs of the logits. In the full profile the paper's own net, that "
    "of Lin 2013, is trained for 100 epochs on all images by SGD with a momentum of 0.9 "
    "and batches of 128; it needs a GPU. For each seed the rate of a net with the lowest "
    "validation error is its best rate, and the results at that rate count. The quick "
    "profile does not include this study.",
    not_shown="What the paper found: it trained on all images for hundreds of epochs. In "
    "the standard profile the net is smaller too, and has no dropout.",
    trials=dict.fromkeys(("quick", "standard", "full"), list),
    claims=CLAIMS,
    figures=FIGURES,
    grids=GRIDS,
    tables=TABLES,
    data={"standard": Profile(datasets=("cifar10",), train_size=5000)},
)
