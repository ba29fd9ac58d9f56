"""How much does an activation matter, and how does the rest of the net change that?"""

from functools import partial
from itertools import product

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    minus,
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.accuracy import (
    COMMON,
    EPOCHS,
    NETS,
    RATES,
    SMALLEST_EFFECT,
    points_as_claimed,
)
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    ONE_HAS_LEARNED,
    all_learned,
    any_learned,
    better_learned,
    each_learned,
)

# Points in the plane whose classes no line can part.
PLANAR = {"architecture": "mlp", "depth": 3, "width": 32, **COMMON}
PLANAR_RATE = 1e-2
PLANAR_SETS = {
    # Each takes two graphs to trace, for which the quick profile has not the time.
    "quick": ("checkerboard",),
    "standard": ("ring", "spiral", "checkerboard"),
    "full": ("ring", "spiral", "checkerboard"),
}
PLANAR_EPOCHS = {"quick": 5, "standard": 30, "full": 100}

# The nets of the study of accuracy, with equal settings, so that they are trained only
# once, and the same with batch normalisation.
SPREAD_OVER = ("relu", "prelu", "rrelu", "elu")
# A CNN with each of three factors and without it: rectification, pooling, normalisation.
FACTORS = {
    "activation": ("relu", "tanh"),
    "architecture": ("cnn_pooled", "cnn"),
    "batch_normalization": (True, False),
}
LEVELS = [
    dict(zip(FACTORS, levels, strict=True)) for levels in product(*FACTORS.values())
]
FACTORIAL = {n: v for n, v in NETS["CNN"].items() if n not in FACTORS}
# Nets with numbers of weights that are equal but for 1.1%: how wide ReLU's layers are
# for that depends on how many inputs and classes there are. Half of the hidden
# activations are dropped, as by Goodfellow 2013.
DROPOUT = 0.5
EQUAL = {"architecture": "mlp", "depth": 2, **COMMON}
MAXOUT_WIDTH = 64
# On MNIST and Fashion-MNIST: 109,450 weights and 109,930; on CIFAR-10 402,314 and 401,135,
# on CIFAR-100 408,164 and 412,475.
RELU_WIDTHS = {"standard": 120, "full": 125}
SEEDS = range(20)

# A fifth of all points, half of which a guess gets right.
BENDS = 0.2


# The trials ---------------------------------------------------------------------------


def _planar(profile: str, *, seeds: range) -> list[Trial]:
    return [
        Trial(
            **PLANAR,
            dataset=dataset,
            activation=activation,
            learning_rate=PLANAR_RATE,
            epochs=PLANAR_EPOCHS[profile],
            seed=seed,
        )
        for dataset in PLANAR_SETS[profile]
        for activation in ("relu", "linear")
        for seed in seeds
    ]


TRIALS = {
    "quick": partial(_planar, "quick", seeds=SEEDS),
    "standard": partial(_planar, "standard", seeds=SEEDS),
    "full": partial(_planar, "full", seeds=SEEDS),
}


def _grids(profile: str) -> list[RateGrid]:
    nets = {
        label: [
            Trial(
                **net,
                activation=activation,
                batch_normalization=is_normalised,
                epochs=EPOCHS[profile][label],
            )
            for is_normalised in (False, True)
            for activation in SPREAD_OVER
        ]
        for label, net in NETS.items()
    }
    nets["CNN"] += [
        Trial(**FACTORIAL, **levels, epochs=EPOCHS[profile]["CNN"]) for levels in LEVELS
    ]
    equal = [
        Trial(
            **EQUAL,
            activation=activation,
            width=width,
            dropout=dropout,
            epochs=EPOCHS[profile]["MLP"],
        )
        for activation, width in (
            ("maxout", MAXOUT_WIDTH),
            ("relu", RELU_WIDTHS[profile]),
        )
        for dropout in (0.0, DROPOUT)
    ]
    return [
        RateGrid(
            title=f"{label} of {trials[0].depth} layers, Adam",
            nets=list(dict.fromkeys(trials)),
            rates=RATES[label],
            seeds=SEEDS,
        )
        for label, trials in (*nets.items(), ("MLP", equal))
    ]


# A grid takes minutes: the quick profile goes without.
GRIDS = {profile: _grids(profile) for profile in ("standard", "full")}


# The claims ---------------------------------------------------------------------------


def _linear_limited(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **PLANAR)
    return {
        dataset: paired_outcomes(
            where(trials, dataset=dataset), "test_accuracy", "relu", "linear"
        )
        for dataset in PLANAR_SETS["full"]
    }


def _spread(trials: pd.DataFrame) -> pd.Series:
    """Best minus worst test accuracy of the activations, for each seed that has all.

    Empty if one of them was trained with no seed.
    """
    if not set(SPREAD_OVER) <= set(trials["activation"]):
        trials = trials.iloc[:0]
    table = trials.assign(value=unless_diverged(trials, "test_accuracy")).pivot(
        index="seed", columns="activation", values="value"
    )
    table = table.reindex(columns=list(SPREAD_OVER)).astype(float)
    return table.max(axis=1, skipna=False) - table.min(axis=1, skipna=False)


def _batch_norm_closes(tables: Tables) -> dict[str, pd.Series]:
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    cases = {}
    for label, net in NETS.items():
        trials = where(best, **net)
        without, with_it = (
            _spread(where(trials, batch_normalization=is_normalised))
            for is_normalised in (False, True)
        )
        cases[label] = minus(without, with_it)
    return cases


def _factorial(tables: Tables) -> pd.DataFrame:
    """The trials of the nets with and without each factor, at their best rates."""
    levels = {name: list(both) for name, both in FACTORS.items()}
    return where(at_best_rate(tables), **FACTORIAL, **levels)


def _main_effects(tables: Tables) -> dict[str, pd.Series]:
    """Factor -> its gain, averaged over all levels of the others, for each seed.

    Empty if one of the eight nets was trained with no seed.
    """
    trials = _factorial(tables)
    if len(trials[list(FACTORS)].drop_duplicates()) < len(LEVELS):
        trials = trials.iloc[:0]
    table = trials.assign(value=unless_diverged(trials, "test_accuracy")).pivot(
        index="seed", columns=list(FACTORS), values="value"
    )
    nets = pd.MultiIndex.from_product(FACTORS.values(), names=list(FACTORS))
    table = table.reindex(columns=nets).astype(float)
    effects = {}
    for name, (level, other) in FACTORS.items():
        at, without = (
            table.xs(one, axis=1, level=name).mean(axis=1, skipna=False)
            for one in (level, other)
        )
        effects[name] = at - without
    return effects


def _rectify_cnn(tables: Tables) -> dict[str, pd.Series]:
    effects = _main_effects(tables)
    return {
        f"ReLU over tanh against {what}": effects["activation"] - effects[name]
        for name, what in (
            ("architecture", "max pooling"),
            ("batch_normalization", "batch normalisation"),
        )
    }


def _equal(tables: Tables) -> pd.DataFrame:
    """The trials of maxout and ReLU at equal numbers of weights, at their best rates."""
    best = where(at_best_rate(tables), **EQUAL, dropout=[0.0, DROPOUT])
    is_relu = (best["activation"] == "relu") & best["width"].isin(RELU_WIDTHS.values())
    is_maxout = (best["activation"] == "maxout") & (best["width"] == MAXOUT_WIDTH)
    return best[(is_relu | is_maxout) & ~best["batch_normalization"].astype(bool)]


def _maxout(tables: Tables) -> dict[str, pd.Series]:
    trials = _equal(tables)
    leads = [
        paired_outcomes(where(trials, dropout=d), "test_accuracy", "maxout", "relu")
        for d in (DROPOUT, 0.0)
    ]
    return {"maxout and relu, MLP": minus(*leads)}


def _one_bends(tables: Tables) -> dict[str, pd.Series]:
    nets = where(tables.trials, **PLANAR)
    return {
        dataset: better_learned(where(nets, dataset=dataset), "relu", "linear")
        for dataset in PLANAR_SETS["full"]
    }


def _some_learned_with_and_without(tables: Tables) -> dict[str, pd.Series]:
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    cases = {}
    for label, net in NETS.items():
        nets = where(best, **net)
        kinds = [
            any_learned(where(nets, batch_normalization=is_normalised))
            for is_normalised in (False, True)
        ]
        both = pd.concat(kinds, axis=1).eq(True)
        cases[label] = both.all(axis=1)
    return cases


def _some_of_all_learned(tables: Tables) -> dict[str, pd.Series]:
    learned = any_learned(_factorial(tables))
    return dict.fromkeys(_rectify_cnn(tables), learned)


def _all_four_learned(tables: Tables) -> dict[str, pd.Series]:
    nets = _equal(tables)
    by_dropout = [
        each_learned(where(nets, dropout=d), "maxout", "relu") for d in (0.0, DROPOUT)
    ]
    both = pd.concat(by_dropout, axis=1).eq(True)
    return {"maxout and relu, MLP": both.all(axis=1)}


def _all_learned(tables: Tables) -> dict[str, pd.Series]:
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    return {label: all_learned(where(best, **net)) for label, net in NETS.items()}


def _all_eight_learned(tables: Tables) -> dict[str, pd.Series]:
    return dict.fromkeys(_rectify_cnn(tables), all_learned(_factorial(tables)))


CLAIMS = (
    Claim(
        id="linear-limited",
        statement="A net without non-linearity cannot learn complex mappings.",
        sources=(
            sources.INTRODUCTION,
            sources.TUTORIAL,
        ),
        nets="MLPs of 3 layers",
        data="points in the plane",
        kind=Kind.THEORY,
        kind_reason="Layers without activations compute one linear function, whose "
        "decision boundary is a straight line; measured is how much ReLU gains.",
        precondition=Precondition(text=BETTER_HAS_LEARNED, holds=_one_bends),
        criterion="MLPs of 3 layers of 32 units on points in the plane in two "
        f"classes, Adam at a rate of {PLANAR_RATE:g}: the test accuracy of ReLU is "
        f"above that of the net without activations by at least {BENDS:g}. Paired by "
        "seed. A single rate is enough: no rate lets a linear net bend its decision "
        "boundary, and a rate that is worse for ReLU can only weaken the claim. "
        "Images of digits cannot test this claim, because linear nets do nearly as "
        "well on them.",
        rule=Difference(smallest_effect=BENDS),
        effects=_linear_limited,
        outcomes=("test_accuracy",),
        quantity="difference in test accuracy",
        in_words=points_as_claimed,
    ),
    Claim(
        id="batch-norm-closes",
        statement="Batch normalisation makes the differences between rectifiers "
        "smaller.",
        sources=(sources.MISHKIN,),
        nets={"MLP": "MLPs of 6 layers", "CNN": "CNNs of 2 layers"},
        precondition=Precondition(
            text=f"{ONE_HAS_LEARNED}, with and without batch normalisation",
            holds=_some_learned_with_and_without,
        ),
        comparable_if=Precondition(text=EACH_HAS_LEARNED, holds=_all_learned),
        criterion="ReLU, PReLU, RReLU and ELU, with and without batch normalisation "
        "before each, at their own best learning rates (by validation error): the "
        "spread, which is the best minus the worst test accuracy of the four for each "
        f"seed, is smaller with batch normalisation by at least {SMALLEST_EFFECT:g}. Paired "
        "by seed. The random variation of single seeds is part of the spread in both "
        "cases.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_batch_norm_closes,
        outcomes=("test_accuracy",),
        quantity="spread without minus spread with batch normalisation",
        digits=4,
        in_words=points_as_claimed,
        published="The benchmark's top-1 accuracy of ReLU, RReLU, PReLU and ELU: "
        "0.471, 0.478, 0.485, 0.488 without, a spread of 0.017; 0.499, 0.500, 0.503, "
        "0.498 with it, a spread of 0.005. Different net and training budget.",
    ),
    Claim(
        id="rectify-cnn",
        statement="The rectifying non-linearity matters more in a CNN than pooling or "
        "normalisation.",
        sources=(
            sources.INTRODUCTION,
            sources.JARRETT.at("abstract"),
        ),
        nets="CNNs of 2 layers",
        precondition=Precondition(text=ONE_HAS_LEARNED, holds=_some_of_all_learned),
        comparable_if=Precondition(text=EACH_HAS_LEARNED, holds=_all_eight_learned),
        criterion="CNNs of 2 layers of 8 channels with all eight combinations of ReLU "
        "or tanh, max pooling or none, and batch normalisation or none, at their own "
        "best learning rates (by validation error). The gain of each factor is the "
        "mean test accuracy of the four nets with it minus that of the four nets "
        "without it. The gain of ReLU over tanh is above that of each other factor by "
        f"at least {SMALLEST_EFFECT:g}. Paired by seed. A factor that does harm has a "
        "negative gain.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_rectify_cnn,
        outcomes=("test_accuracy",),
        quantity="gain of ReLU minus that of the other factor",
        digits=4,
        in_words=points_as_claimed,
    ),
    Claim(
        id="maxout",
        statement="Maxout goes well with dropout.",
        sources=(
            sources.INTRODUCTION.at(sources.EXTENSIONS),
            sources.GOODFELLOW.at("abstract"),
        ),
        nets="MLPs of 2 layers",
        precondition=Precondition(text=EACH_HAS_LEARNED, holds=_all_four_learned),
        comparable_if=Precondition(text=EACH_HAS_LEARNED, holds=_all_four_learned),
        criterion="MLPs of 2 layers whose numbers of weights are equal to within 1.1% "
        f"on the profiles' data sets (maxout: {MAXOUT_WIDTH} units per layer, each "
        f"the maximum of two pieces; ReLU: {RELU_WIDTHS['standard']} units in the "
        f"standard profile, {RELU_WIDTHS['full']} in the full one), with and without "
        f"dropout of {DROPOUT:g} after each hidden layer, at their own best learning "
        "rates (by validation error). The initial kernels of both preserve the mean "
        "square from layer to layer. The gain of maxout in test accuracy by dropout "
        f"is larger than that of ReLU by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_maxout,
        outcomes=("test_accuracy",),
        quantity="gain of maxout by dropout minus that of ReLU",
        digits=4,
        in_words=points_as_claimed,
        published="The benchmark of CaffeNet, which includes dropout, top-1 accuracy: "
        "ReLU 0.471, maxout 0.482. Different net and training budget.",
    ),
)


# The figures --------------------------------------------------------------------------


def _planar_accuracy(tables: Tables):
    trials = where(tables.trials, **PLANAR, dataset=list(PLANAR_SETS["full"]))
    return figures.dots(
        trials.assign(value=unless_diverged(trials, "test_accuracy")),
        xlabel="test accuracy",
        column="dataset",
    )


def _normalised_accuracy(tables: Tables):
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    trials = pd.concat([where(best, **net) for net in NETS.values()])
    labels = {net["architecture"]: label for label, net in NETS.items()}
    return _with_and_without(
        trials.assign(panel=trials["architecture"].map(labels)),
        trials["batch_normalization"],
        "batch normalisation",
    )


def _factors(tables: Tables):
    trials = _factorial(tables)
    panels = {"cnn": "CNN without pooling", "cnn_pooled": "CNN with max pooling"}
    return _with_and_without(
        trials.assign(panel=trials["architecture"].map(panels)),
        trials["batch_normalization"],
        "batch normalisation",
    )


def _dropped(tables: Tables):
    trials = _equal(tables)
    return _with_and_without(
        trials.assign(panel="MLP"), trials["dropout"] > 0, "dropout"
    )


def _with_and_without(trials: pd.DataFrame, has: pd.Series, what: str):
    kinds = [f"without {what}", "with it"]
    mark = has.map(dict(zip((False, True), kinds, strict=True)))
    return figures.dots(
        trials.assign(
            value=unless_diverged(trials, "test_accuracy"),
            mark=pd.Categorical(mark, kinds, ordered=True),
        ),
        xlabel="test accuracy, each net at its own best rate",
        column="panel",
        mark="mark",
    )


FIGURES = (
    StudyFigure(
        name="linear",
        title="With and without activations, on points that no line can separate",
        caption="Dots are estimates over seeds, lines their 95% intervals. Guessing "
        "gives 0.5.",
        claims=("linear-limited",),
        draw=_planar_accuracy,
    ),
    StudyFigure(
        name="normalised",
        title="Rectifiers with and without batch normalisation",
        caption="Dots are estimates over seeds, lines their 95% intervals. The claim "
        "is judged by the spread within each seed. Not included in the quick profile.",
        claims=("batch-norm-closes",),
        draw=_normalised_accuracy,
    ),
    StudyFigure(
        name="factors",
        title="Rectification, pooling and normalisation in a CNN",
        caption="All eight nets. Dots are estimates over seeds, lines their 95% "
        "intervals. Not included in the quick profile.",
        claims=("rectify-cnn",),
        draw=_factors,
    ),
    StudyFigure(
        name="dropout",
        title="Maxout and ReLU with and without dropout",
        caption="Nets with equal numbers of weights on the profiles' data sets. Dots "
        "are estimates over seeds, lines their 95% intervals. The claim is about the "
        "difference between the two gains. Not included in the quick profile.",
        claims=("maxout",),
        draw=_dropped,
    ),
)


STUDY = Study(
    name="surroundings",
    title="The activation and the rest of the net",
    question="How much does an activation matter, and how does that depend on the rest of "
    "the net?",
    method="Fully connected nets of 3 layers of 32 units, with ReLU and with no "
    "activation at all, are trained to classify points in the plane: a disc within a "
    "ring, two spirals, and a checkerboard of 4 by 4 squares (5, 30 and 100 epochs in "
    "the quick, standard and full profiles). The nets of the study of accuracy are "
    "trained with and without batch normalisation, and the CNN also with and without "
    "max pooling. MLPs of 2 layers with maxout or ReLU are trained with and without "
    "dropout. As in the study of accuracy, the best learning rate of each net is found "
    "for each seed. Because this takes long, the quick profile includes only the "
    "checkerboard.",
    not_shown="Whether the results hold in deeper nets. Pooling and normalisation are "
    "tried in one form each, and dropout at one rate.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
    grids=GRIDS,
)
