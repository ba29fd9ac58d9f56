"""Do the gradients of unbounded rectifiers explode, and what prevents it?"""

from functools import partial

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    decay,
    minus,
    unless_diverged,
    where,
    with_trials,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.guessing import as_of_ten_classes

UNBOUNDED = ("relu", "leaky_relu", "elu", "gelu")
ACTIVATIONS = (*UNBOUNDED, "tanh")

# He's start times a scale: equal variances for all activations. The nets share a graph
# with those of the study of vanishing gradients.
MEASURED = {
    "architecture": "mlp",
    "depth": 30,
    "width": 128,
    "initializer": "he",
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "probe_size": 64,
    "epochs": 0,
}
SCALES = (0.5, 1.0, 1.5, 2.0)
LARGE = 2.0
# Nets that are trained as well.
TRAINED = {
    "architecture": "mlp",
    "depth": 20,
    "width": 32,
    "initializer": "he",
    "optimizer": "sgd",
    "learning_rate": 1e-2,
    "probe_size": 64,
}
# Name -> what differs from He's start at the large scale.
KINDS = {
    "relu": {"activation": "relu", "weight_scale": LARGE},
    "tanh": {"activation": "tanh", "weight_scale": LARGE},
    "smaller scale": {"activation": "relu", "weight_scale": 1.0},
    "clipping": {"activation": "relu", "weight_scale": LARGE, "global_clipnorm": 1.0},
}

# So much more a layer has to add: at 30 layers, thirty times.
EXPLODES = 0.05
# Three times as good as guessing: from here on a net has learned something.
LEARNED = 0.3
# Half of the nets.
MANY = 0.5


# The trials ---------------------------------------------------------------------------


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        Trial(**MEASURED, activation=activation, weight_scale=scale, seed=seed)
        for activation in ACTIVATIONS
        for scale in SCALES
        for seed in seeds
    ] + [
        Trial(**TRAINED, **kind, epochs=epochs, seed=seed)
        for kind in KINDS.values()
        for seed in seeds
    ]


TRIALS = {
    "quick": partial(_trials, seeds=range(20), epochs=6),
    "standard": partial(_trials, seeds=range(20), epochs=20),
    "full": partial(_trials, seeds=range(50), epochs=60),
}


# The claims ---------------------------------------------------------------------------


def _decays(tables: Tables) -> pd.DataFrame:
    rows = where(with_trials(decay(tables), tables), **MEASURED)
    is_whole = rows["num_layers_left_out"] == 0
    return rows.assign(
        value=rows["gradient_decay"].where(is_whole),
        scale=rows["weight_scale"].map("He × {:g}".format),
    )


def _more_than_tanh(tables: Tables) -> dict[str, pd.Series]:
    rows = where(_decays(tables), weight_scale=LARGE)
    decays = {name: by_seed(where(rows, activation=name)) for name in ACTIVATIONS}
    # A gradient that shrinks has not exploded, however much more that of tanh shrinks.
    either = decays["tanh"].clip(lower=0)
    return {name: minus(decays[name], either) for name in UNBOUNDED}


def _outcomes(tables: Tables, kind: str) -> pd.DataFrame:
    settings = {"global_clipnorm": 0.0, **KINDS[kind]}
    trials = where(tables.trials, **TRAINED, **settings).set_index("seed").sort_index()
    diverged = trials["diverged"].astype(bool)
    learned = (as_of_ten_classes(trials) >= LEARNED) & ~diverged
    return pd.DataFrame({"diverged": diverged * 1.0, "learned": learned * 1.0})


def _only_first(a: pd.Series, b: pd.Series) -> pd.Series:
    """1 for each seed where it holds only in a, else 0; NaN if one is missing."""
    return minus(a, b).clip(lower=0)


def _diverges(tables: Tables) -> dict[str, pd.Series]:
    relu, tanh = (_outcomes(tables, kind)["diverged"] for kind in ("relu", "tanh"))
    return {f"He × {LARGE:g}": _only_first(relu, tanh)}


def _cures(tables: Tables) -> dict[str, pd.Series]:
    ill = _outcomes(tables, "relu")["learned"]
    return {
        kind: _only_first(_outcomes(tables, kind)["learned"], ill)
        for kind in ("smaller scale", "clipping")
    }


def _is_ill(tables: Tables) -> dict[str, pd.Series]:
    ill = _outcomes(tables, "relu")["learned"] == 0
    return {
        kind: ill.reindex(ill.index.union(_outcomes(tables, kind).index)).eq(True)
        for kind in ("smaller scale", "clipping")
    }


CLAIMS = (
    Claim(
        id="exploding",
        statement="The gradients of unbounded rectifiers can explode, and do so more "
        "than those of tanh.",
        sources=(sources.TUTORIAL,),
        nets="untrained MLPs of 30 layers",
        kind=Kind.THEORY,
        kind_reason="Mean-field theory predicts the gradient decay of a wide net at "
        "random initialisation (Schoenholz 2017).",
        criterion="MLP of 30 layers of 128 units before training, all weights at "
        "twice the standard deviation of the He initialisation: gradient_decay is "
        f"above 0, and above that of tanh, by at least {EXPLODES:g} decades per "
        "layer. Paired by seed. The gradient of tanh may grow as well.",
        rule=Difference(smallest_effect=EXPLODES),
        effects=_more_than_tanh,
        quantity="gradient decay minus that of tanh (minus 0 if that of tanh is "
        "negative)",
        unit="decades per layer",
        in_words=lambda d: (
            f"each layer multiplies the gradient by {10**d:.2f}, relative to a tanh layer "
            "or to a layer that preserves it"
        ),
    ),
    Claim(
        id="exploding-diverges",
        statement="With exploding gradients, nets of unbounded rectifiers diverge in "
        "training, while those of tanh do not.",
        sources=(sources.TUTORIAL,),
        nets="MLPs of 20 layers",
        criterion="MLP of 20 layers of 32 units at twice the standard deviation of "
        "the He initialisation, SGD at a rate of 0.01: the whole interval of the "
        "share of seeds for which the ReLU net diverges and the tanh net does not is "
        f"at or above {MANY:g}.",
        rule=AtLeast(threshold=MANY),
        effects=_diverges,
        quantity="share of seeds for which only the ReLU net diverges",
        digits=2,
        in_words=lambda share: (
            f"only the ReLU net diverges for {share:.0%} of the seeds"
        ),
        is_share=True,
    ),
    Claim(
        id="exploding-cures",
        statement="A smaller scale of the weights, or clipping the gradients, "
        "makes nets with exploding gradients learn.",
        sources=(sources.TUTORIAL,),
        nets="MLPs of 20 layers",
        precondition=Precondition(
            text="there is something to cure: the original net does not learn",
            holds=_is_ill,
        ),
        criterion="The same ReLU nets with the unscaled He initialisation, or with "
        "gradients clipped to a norm of 1: the whole interval of the share of seeds "
        "for which this net learns and the original net does not is at or above "
        f"{MANY:g}. A net has learned with a test accuracy of at least {LEARNED:g} "
        "among ten classes, or equally far above guessing among other numbers of "
        "classes.",
        rule=AtLeast(threshold=MANY),
        effects=_cures,
        outcomes=("test_accuracy",),
        quantity="share of seeds for which only the modified net learns",
        digits=2,
        in_words=lambda share: (
            f"only the modified net learns for {share:.0%} of the seeds"
        ),
        is_share=True,
    ),
)


# The figures --------------------------------------------------------------------------


def _decay_by_scale(tables: Tables):
    return figures.lines_against(
        _decays(tables).assign(panel="30 layers before training"),
        "weight_scale",
        xlabel="scale of the He initialisation",
        ylabel="gradient decay, decades per layer",
        column="panel",
        band=(-0.02, 0.02),
    )


def _accuracy_by_kind(tables: Tables):
    parts = []
    for kind, settings in KINDS.items():
        settings = {"global_clipnorm": 0.0, **settings}
        trials = where(tables.trials, **TRAINED, **settings)
        value = unless_diverged(trials, "test_accuracy")
        name = kind if kind in ACTIVATIONS else f"ReLU, {kind}"
        # Each kind of net, and not each activation, has a row.
        parts.append(trials.assign(value=value, activation=name))
    rows = pd.concat(parts, ignore_index=True)
    return figures.dots(
        rows.assign(panel="MLP of 20 layers, SGD"),
        xlabel="test accuracy",
        column="panel",
        xlim=(0.0, 1.0),
        sort=False,
    )


FIGURES = (
    StudyFigure(
        name="decay",
        title="Gradient decay against the scale of the weights",
        caption="Above the line the gradient grows towards the input; below it, the "
        "gradient shrinks. Within the shaded band of ±0.02 it counts as preserved. At "
        "each scale, the weights have the same variance for all activations.",
        claims=("exploding",),
        draw=_decay_by_scale,
    ),
    StudyFigure(
        name="accuracy",
        title="Accuracy after training with twice the He initialisation, and with the "
        "two remedies",
        caption="Dots are estimates over the nets that did not diverge, lines their "
        "95% intervals.",
        claims=("exploding-diverges", "exploding-cures"),
        draw=_accuracy_by_kind,
    ),
)


STUDY = Study(
    name="exploding_gradients",
    title="Exploding gradients",
    question="Do the gradients of unbounded rectifiers explode more than those of "
    "tanh, and what prevents it?",
    method="Nets of 30 layers are initialised with the He initialisation times a "
    "scale, with the same variance for all activations, and the gradient decay is "
    "measured. ReLU and tanh nets of 20 layers are then trained by SGD with twice the "
    "He initialisation, and ReLU nets also with a smaller scale and with clipped "
    "gradients.",
    not_shown="Other causes of large gradients, such as recurrence, and other "
    "optimizers. A single learning rate is tried for each net.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
)
