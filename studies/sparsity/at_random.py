"""How sparse nets are at random initialisation, and which activations give zeros."""

import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import measured, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, AtMost, Within
from keras_rectifiers.comparison.verdicts.properties import Property
from studies import sources
from studies.sparsity.zeros import exact_zeros, labelled, mean_of_nets, of_all

WITHOUT_FLAT_ZERO = ("sigmoid", "tanh", "smooth_relu")
ACTIVATIONS = ("relu", *WITHOUT_FLAT_ZERO)

# Nets that are measured before training. They are nets of the study of vanishing
# gradients as well, with equal settings, so that they are measured only once.
DEPTHS = (2, 10, 30)
MLP = {"architecture": "mlp", "width": 128}
CNN = {"architecture": "cnn", "depth": 8, "width": 16}
AT_RANDOM = {
    "initializer": "gain",
    "epochs": 0,
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "probe_size": 64,
}

HALF = (0.47, 0.53)


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range) -> list[Trial]:
    return [
        Trial(**net, **AT_RANDOM, activation=activation, seed=seed)
        for activation in ACTIVATIONS
        for net in (*({**MLP, "depth": depth} for depth in DEPTHS), CNN)
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _mean_over_layers(rows: pd.DataFrame) -> pd.Series:
    """One value for each seed; NaN if it is missing in any layer."""
    return rows.groupby("seed")["value"].mean(skipna=False)


def _half_active(tables: Tables) -> dict[str, pd.Series]:
    zeros = where(exact_zeros(tables), activation="relu", initializer="gain", epochs=0)
    nets = {f"MLP, {depth} layers": {**MLP, "depth": depth} for depth in DEPTHS}
    nets["CNN, 8 layers"] = CNN
    return {
        label: _mean_over_layers(where(zeros, **net)) for label, net in nets.items()
    }


def _exact_zeros(tables: Tables) -> dict[str, pd.Series]:
    return _zeros_of(tables, ("relu",))


def _no_exact_zeros(tables: Tables) -> dict[str, pd.Series]:
    return _zeros_of(tables, WITHOUT_FLAT_ZERO)


def _zeros_of(tables: Tables, activations: tuple[str, ...]) -> dict[str, pd.Series]:
    zeros = where(exact_zeros(tables), initializer="gain", epochs=0)
    nets = {"MLP": {**MLP, "depth": 10}, "CNN": CNN}
    return {
        f"{activation}, {label}": _mean_over_layers(
            where(zeros, activation=activation, **net)
        )
        for activation in activations
        for label, net in nets.items()
    }


CLAIMS = (
    Claim(
        id="half-active",
        statement="At random initialisation, about half of the hidden ReLU units are "
        "active.",
        sources=(
            sources.ARTICLE.at(sources.ADVANTAGES),
            sources.INTRODUCTION.at(sources.ADVANTAGES),
            sources.GLOROT,
        ),
        nets={
            "MLP": "untrained MLPs of 2 to 30 layers",
            "CNN": "untrained CNNs of 8 layers",
        },
        kind=Kind.THEORY,
        kind_reason="Weights that are symmetric around 0 make each pre-activation as "
        "likely positive as negative.",
        criterion="Initialised with ReLU's gain (He), zero bias and standardised "
        "inputs: the whole interval of the sparsity, averaged over layers, is within "
        "0.50 ± 0.03. MLPs of 128 units; CNN of 16 channels.",
        rule=Within(lower=HALF[0], upper=HALF[1]),
        effects=_half_active,
        quantity="mean sparsity",
        in_words=of_all,
    ),
    Claim(
        id="exact-zeros",
        statement="ReLU gives true zeros.",
        sources=(sources.INTRODUCTION.at(sources.ADVANTAGES),),
        nets={
            "MLP": "untrained MLPs of 10 layers",
            "CNN": "untrained CNNs of 8 layers",
        },
        kind=Kind.IDENTITY,
        kind_reason="ReLU is exactly 0 for every negative input, by its definition.",
        criterion="Before training: the whole interval of the share of exact zeros, "
        "averaged over layers, is at or above 0.25. MLP of 10 layers of 128 units; "
        "CNN of 8 layers of 16 channels.",
        rule=AtLeast(threshold=0.25),
        effects=_exact_zeros,
        quantity="share of exact zeros",
        in_words=of_all,
    ),
    Claim(
        id="no-exact-zeros",
        statement="Sigmoid, tanh and softplus (smooth_relu) only approach zero.",
        sources=(sources.INTRODUCTION.at(sources.ADVANTAGES),),
        nets={
            "MLP": "untrained MLPs of 10 layers",
            "CNN": "untrained CNNs of 8 layers",
        },
        kind=Kind.IDENTITY,
        kind_reason="Sigmoid and softplus are above 0 everywhere, and tanh is 0 only at "
        "an input of exactly 0; only rounding could give others.",
        criterion="Before training: the whole interval of the share of exact zeros, "
        "averaged over layers, is at or below 0.001. The same nets.",
        rule=AtMost(threshold=0.001),
        effects=_no_exact_zeros,
        quantity="share of exact zeros",
        digits=4,
        in_words=of_all,
    ),
)


# The properties -----------------------------------------------------------------------


def _zeros_of_each(tables: Tables) -> dict[str, pd.Series]:
    zeros = where(exact_zeros(tables), initializer="gain", epochs=0, **MLP, depth=10)
    return {
        name: _mean_over_layers(where(zeros, activation=name)) for name in ACTIVATIONS
    }


PROPERTIES = (
    Property(
        name="zeros",
        title="Exact zeros",
        nets="untrained MLPs of 10 layers",
        explanation="The share of activations that are exactly 0 before training. It "
        "is 0 by definition where the function is 0 at a single point only.",
        values=_zeros_of_each,
        by_definition={
            name: 0.0
            for name, activation in CATALOGUE.items()
            if activation.elementwise and not activation.flat_zero
        },
        shown=lambda share: f"{share:.0%}",
        claim="exact-zeros",
    ),
)


# The figures --------------------------------------------------------------------------


def _zeros_by_activation(tables: Tables):
    zeros = exact_zeros(tables).assign(what="activations")
    before = measured(tables, "zero_pre_activations").assign(what="pre-activations")
    rows = where(pd.concat([before, zeros], ignore_index=True), epochs=0)
    nets = pd.concat([where(rows, **MLP, depth=10), where(rows, **CNN)])
    parts = [
        mean_of_nets(part) for _, part in labelled(nets).groupby("what", sort=False)
    ]
    kinds = ["pre-activations", "activations"]
    frame = pd.concat(parts, ignore_index=True) if parts else nets
    return figures.dots(
        frame.assign(what=pd.Categorical(frame["what"], kinds, ordered=True)),
        xlabel="share of exact zeros, mean over layers",
        column="net",
        mark="what",
        sort=False,
    )


def _sparsity_by_layer(tables: Tables):
    rows = where(measured(tables, "sparsity"), activation="relu", epochs=0)
    rows = pd.concat([where(rows, **MLP), where(rows, **CNN)])
    rows = rows.sort_values(["architecture", "depth"], ascending=[False, True])
    return figures.points_by_layer(
        labelled(rows),
        ylabel="sparsity",
        column="net",
        band=HALF,
        ylim=(0.2, 0.8),
    )


FIGURES = (
    StudyFigure(
        name="exact-zeros",
        title="Share of exact zeros before training",
        caption="Filled dots: the share of activations that are exactly 0. Hollow "
        "dots: the share of pre-activations that are exactly 0, before the activation "
        "function is applied. Dots are estimates over seeds, lines their 95% "
        "intervals, which are often narrower than the dot.",
        claims=("exact-zeros", "no-exact-zeros"),
        draw=_zeros_by_activation,
    ),
    StudyFigure(
        name="by-layer",
        title="Sparsity by layer in randomly initialised ReLU nets",
        caption="Each point is one layer of one net. The band shows the range of 0.50 "
        "± 0.03 that the claim predicts for the mean of all layers. The medians stay "
        "near one half, but the layers of single nets vary, and more so after the "
        "first few layers: deep layers receive nearly the same input for every "
        "example, so most of their units are either active or inactive for most "
        "examples.",
        claims=("half-active",),
        draw=_sparsity_by_layer,
    ),
)
