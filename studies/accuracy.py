"""Which activation gives the best test accuracy, each at its own learning rate?"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    bounded_hodges_lehmann,
    by_seed,
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    AtMost,
    Difference,
    Equivalence,
)
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.properties import Property
from keras_rectifiers.comparison.verdicts.sources import Source
from studies import sources
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)

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
# A tenth of ReLU's error rate, the largest that does not.
NEGLIGIBLE = 0.10


# The trials ---------------------------------------------------------------------------


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


# The claims ---------------------------------------------------------------------------

Effects = Callable[[Tables], Mapping[str, pd.Series]]


def _best(tables: Tables, label: str) -> pd.DataFrame:
    """The trials of each net at the best rate of each seed, with their gap."""
    trials = where(at_best_rate(tables), **NETS[label])
    return trials.assign(gap=trials["train_accuracy"] - trials["test_accuracy"])


def _lead(
    a: str,
    others: Sequence[str],
    *,
    labels: Sequence[str] = ("MLP",),
    value: str = "test_accuracy",
    sign: int = 1,
) -> Effects:
    """The lead of a over each other activation (with sign -1, how far it is behind)."""

    def effects(tables: Tables) -> dict[str, pd.Series]:
        best = {label: _best(tables, label) for label in labels}
        return {
            f"{a} and {other}, {label}": sign
            * paired_outcomes(best[label], value, a, other)
            for label in labels
            for other in others
        }

    return effects


def _learned(
    a: str, others: Sequence[str], *, labels: Sequence[str] = ("MLP",)
) -> Precondition:
    """That the more accurate net of each pair of `_lead` has learned."""
    holds = _of_pairs(better_learned, a, others, labels)
    return Precondition(text=BETTER_HAS_LEARNED, holds=holds)


def _both_learned(
    a: str, others: Sequence[str], *, labels: Sequence[str] = ("MLP",)
) -> Precondition:
    """That both nets of each pair have learned."""
    holds = _of_pairs(each_learned, a, others, labels)
    return Precondition(text=EACH_HAS_LEARNED, holds=holds)


def _of_pairs(
    learned: Callable, a: str, others: Sequence[str], labels: Sequence[str]
) -> Effects:
    """Whether `learned` holds for the nets of each pair of `_lead`."""

    def holds(tables: Tables) -> dict[str, pd.Series]:
        best = {label: _best(tables, label) for label in labels}
        return {
            f"{a} and {other}, {label}": learned(best[label], a, other)
            for label in labels
            for other in others
        }

    return holds


def _leaky_error(tables: Tables) -> dict[str, pd.Series]:
    return _relative_errors(tables, "leaky_relu")


def _relative_errors(tables: Tables, *others: str) -> dict[str, pd.Series]:
    trials = _best(tables, "MLP")
    relu = where(trials, activation="relu", diverged=False)
    error = 1 - relu["test_accuracy"].median()
    return {
        f"relu and {other}, MLP": paired_outcomes(
            trials, "test_accuracy", "relu", other
        )
        / error
        for other in others
    }


def _sigmoid_differs(tables: Tables) -> dict[str, pd.Series]:
    errors = _relative_errors(tables, "leaky_relu", "sigmoid")
    seeds = errors["relu and leaky_relu, MLP"].index
    differs = _differs(errors["relu and sigmoid, MLP"])
    return {"relu and leaky_relu, MLP": pd.Series(differs, index=seeds)}


def _differs(relative: pd.Series) -> bool:
    known = relative.where(np.isfinite(relative))
    if known.empty:
        return False
    interval = bounded_hodges_lehmann(known.fillna(-np.inf), known.fillna(np.inf))
    return interval.low > NEGLIGIBLE or interval.high < -NEGLIGIBLE


def points_as_claimed(difference: float) -> str:
    """What a difference in accuracy means, positive if it is as a claim has it."""
    side = ", as claimed" if difference >= 0 else " the other way round"
    return f"{abs(difference) * 100:.1f} percentage points{side}"


def _claim(
    id: str,
    statement: str,
    where_from: Sequence[Source],
    what: str,
    effects: Effects,
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
        **{
            "quantity": "difference in test accuracy",
            "outcomes": ("test_accuracy",),
            "in_words": points_as_claimed,
            **others,
        },
    )


# Those that Xu 2015 compares.
_OTHERS = "ReLU, leaky ReLU (slopes 0.01 and 1/5.5)"
_XU = (
    "Xu 2015, test error of ReLU, leaky ReLU (0.01), leaky ReLU (1/5.5), PReLU and "
    "RReLU: CIFAR-10 0.1245, 0.1266, 0.1120, 0.1179, 0.1119; CIFAR-100 0.4290, "
    "0.4205, 0.4042, 0.4163, 0.4025. Different nets, trained for hundreds of epochs."
)
_CAFFENET = (
    "A benchmark of CaffeNet on ImageNet, top-1 accuracy: ReLU 0.471, tanh 0.401, "
    "leaky (1/3) 0.469, RReLU 0.478, PReLU 0.485, ELU 0.488. Different net and "
    "training budget."
)
_HE = (
    "He 2015, ImageNet, top-1 error: ReLU 33.82%, PReLU shared 32.71%, channel-wise "
    "32.64%. Different net and training budget."
)

CLAIMS = (
    _claim(
        "relu-better",
        "ReLU does better than sigmoid and tanh.",
        (sources.INTRODUCTION.at(sources.ADVANTAGES), sources.TUTORIAL),
        "test accuracy of ReLU above that of the other activation",
        _lead("relu", ("sigmoid", "tanh"), labels=("MLP", "CNN")),
        precondition=_learned("relu", ("sigmoid", "tanh"), labels=("MLP", "CNN")),
        comparable_if=_both_learned("relu", ("sigmoid", "tanh"), labels=("MLP", "CNN")),
        published=_CAFFENET,
    ),
    _claim(
        "tanh-over-sigmoid",
        "Tanh typically does better than the logistic sigmoid.",
        (sources.INTRODUCTION.at(sources.LIMITATIONS),),
        "test accuracy of tanh above that of the sigmoid",
        _lead("tanh", ("sigmoid",), labels=("MLP", "CNN")),
        precondition=_learned("tanh", ("sigmoid",), labels=("MLP", "CNN")),
        comparable_if=_both_learned("tanh", ("sigmoid",), labels=("MLP", "CNN")),
    ),
    Claim(
        id="leaky-negligible",
        statement="A slope of 0.01 makes little difference to ReLU.",
        sources=(sources.OVERVIEW, sources.HE),
        nets="MLPs of 6 layers",
        precondition=Precondition(
            text="the nets can tell activations apart: the 95% interval of the "
            "difference between ReLU and sigmoid lies entirely beyond ±10% of ReLU's "
            "error",
            holds=_sigmoid_differs,
        ),
        comparable_if=_both_learned("relu", ("leaky_relu",)),
        criterion="Nets at their own best learning rates (by validation error): the "
        "90% interval of the difference in test error to ReLU is within ±10% of "
        "ReLU's median error.",
        rule=Equivalence(margin=NEGLIGIBLE),
        effects=_leaky_error,
        outcomes=("test_accuracy",),
        quantity="relative difference in test error (leaky_relu minus relu)",
    ),
    _claim(
        "leaky-better",
        "Leaky ReLU is better than ReLU.",
        (sources.TUTORIAL,),
        "test accuracy of leaky ReLU with each slope above that of ReLU",
        _lead("relu", tuple(SLOPES), sign=-1),
        precondition=_learned("relu", tuple(SLOPES)),
        comparable_if=_both_learned("relu", tuple(SLOPES)),
        published=_XU,
    ),
    _claim(
        "leaky-worse",
        "Leaky ReLU is worse than ReLU.",
        (sources.ARTICLE.at(sources.VARIANTS), sources.OVERVIEW),
        "test accuracy of ReLU above that of leaky ReLU with each slope",
        _lead("relu", tuple(SLOPES)),
        precondition=_learned("relu", tuple(SLOPES)),
        comparable_if=_both_learned("relu", tuple(SLOPES)),
        opposite_of="leaky-better",
        published=_XU,
    ),
    _claim(
        "very-leaky-better",
        "A slope of 1/5.5 does better than one of 0.01.",
        (sources.OVERVIEW, sources.XU),
        "test accuracy with the larger slope above that with the smaller",
        _lead("very_leaky_relu", ("leaky_relu",)),
        precondition=_learned("very_leaky_relu", ("leaky_relu",)),
        comparable_if=_both_learned("very_leaky_relu", ("leaky_relu",)),
        published=_XU,
    ),
    _claim(
        "elu-better",
        "ELU is more accurate than ReLU.",
        (sources.ARTICLE.at(sources.VARIANTS), sources.CLEVERT.at("abstract")),
        "test accuracy of ELU above that of ReLU",
        _lead("elu", ("relu",), labels=("MLP", "CNN")),
        precondition=_learned("elu", ("relu",), labels=("MLP", "CNN")),
        comparable_if=_both_learned("elu", ("relu",), labels=("MLP", "CNN")),
        published=_CAFFENET,
    ),
    _claim(
        "prelu-train-best",
        "PReLU has the lowest training error.",
        (sources.XU,),
        f"training accuracy of PReLU above that of each of {_OTHERS} and RReLU",
        _lead(
            "prelu",
            ("relu", "leaky_relu", "very_leaky_relu", "rrelu"),
            value="train_accuracy",
        ),
        precondition=_learned(
            "prelu", ("relu", "leaky_relu", "very_leaky_relu", "rrelu")
        ),
        comparable_if=_both_learned(
            "prelu", ("relu", "leaky_relu", "very_leaky_relu", "rrelu")
        ),
        quantity="difference in training accuracy",
        outcomes=("train_accuracy",),
        published=f"{_XU} {_HE}",
    ),
    _claim(
        "rrelu-least-overfit",
        "RReLU overfits least on small data.",
        (sources.OVERVIEW, sources.XU),
        f"the gap between training and test accuracy of each of {_OTHERS} and PReLU "
        "above that of RReLU",
        _lead(
            "rrelu",
            ("relu", "leaky_relu", "very_leaky_relu", "prelu"),
            value="gap",
            sign=-1,
        ),
        precondition=_both_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        comparable_if=_both_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        quantity="difference in the gap",
        outcomes=("train_accuracy", "test_accuracy"),
        published=_XU,
    ),
    _claim(
        "rrelu-best",
        "RReLU has the best test accuracy.",
        (sources.OVERVIEW, sources.XU),
        f"test accuracy of RReLU above that of each of {_OTHERS} and PReLU",
        _lead("rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")),
        precondition=_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        comparable_if=_both_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        published=_XU,
    ),
)


# The properties -----------------------------------------------------------------------


def _accuracy_of_each(label: str) -> Effects:
    def values(tables: Tables) -> dict[str, pd.Series]:
        trials = _best(tables, label)
        trials = trials.assign(value=unless_diverged(trials, "test_accuracy"))
        return {
            name: by_seed(where(trials, activation=name)) for name in ACTIVATIONS[label]
        }

    return values


PROPERTIES = tuple(
    Property(
        name=f"accuracy-{label.lower()}",
        title=f"Accuracy, {label}",
        nets=f"{label}s of {net['depth']} layers",
        explanation="The test accuracy, each net at its own best learning rate. Good "
        f"is what is behind the best by {SMALLEST_EFFECT * 100:g} points at most.",
        values=_accuracy_of_each(label),
        best="highest",
        rule=AtMost(threshold=SMALLEST_EFFECT),
        bad_in_words="is less accurate",
        shown=lambda share: f"{share:.1%}",
        claim="relu-better",
    )
    for label, net in NETS.items()
)


# The figures --------------------------------------------------------------------------


def _accuracies(tables: Tables, label: str, **columns: str) -> pd.DataFrame:
    trials = _best(tables, label)
    parts = [
        trials.assign(value=unless_diverged(trials, value), what=what)
        for value, what in columns.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    kinds = list(columns.values())
    return frame.assign(
        what=pd.Categorical(frame["what"], kinds, ordered=True),
        panel=f"{label} of {NETS[label]['depth']} layers",
    )


def _accuracy(label: str):
    def draw(tables: Tables):
        return figures.dots(
            _accuracies(tables, label, test_accuracy="test", train_accuracy="training"),
            xlabel="accuracy, each net at its own best rate",
            column="panel",
            mark="what",
        )

    return draw


_CAPTION = (
    "Dots are estimates over seeds, lines their 95% intervals. Hollow dots: test "
    "split; filled dots: training split. The distance between the two is the gap. The "
    "claims are judged by paired differences, which can be clear even if the "
    "intervals overlap here."
)

FIGURES = tuple(
    StudyFigure(
        name=f"accuracy-{label.lower()}",
        title=f"Accuracy of each activation, {label}",
        caption=_CAPTION,
        claims=tuple(claim.id for claim in CLAIMS),
        draw=_accuracy(label),
    )
    for label in NETS
)


STUDY = Study(
    name="accuracy",
    title="Accuracy",
    question="Which activation gives the best accuracy, if each is trained at its own "
    "best learning rate?",
    method="Fully connected nets of 6 layers of 32 units and convolutional nets of 2 "
    "layers of 8 channels are trained by Adam with batches of 32 (8 and 3 epochs in "
    "the quick profile, 20 and 4 in the standard, 100 and 60 in the full one). Each "
    "activation is trained at the same learning rates with each seed. For each seed "
    "its rate with the lowest validation error is its best rate, and the results at "
    "that rate count.",
    not_shown="Which activation is best in general: a difference of half a point of "
    "accuracy in small nets on one data set may be reversed in others.",
    trials=dict.fromkeys(GRIDS, list),
    claims=CLAIMS,
    figures=FIGURES,
    properties=PROPERTIES,
    grids=GRIDS,
)
