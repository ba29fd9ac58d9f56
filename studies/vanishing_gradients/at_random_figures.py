"""The gradient before training in figures: by layer, by activation and by depth."""

import numpy as np
import pandas as pd
from matplotlib.colors import SymLogNorm

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import measured, where
from keras_rectifiers.comparison.trials.store import Tables
from studies.vanishing_gradients.at_random import CNN, DEEPEST, KEPT, MLP, decays

# The figures --------------------------------------------------------------------------


INITIALIZERS = {"gain": "own gain", "glorot": "Glorot (default)", "he": "He"}
DECAY_LABEL = "gradient decay, decades per layer"


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Adds the name of the initialisation for the title of a panel."""
    return frame.assign(
        start=pd.Categorical(
            frame["initializer"].map(INITIALIZERS),
            categories=list(INITIALIZERS.values()),
            ordered=True,
        )
    )


def _labelled_decays(tables: Tables) -> pd.DataFrame:
    return _labelled(decays(tables).rename(columns={"gradient_decay": "value"}))


def _by_layer(tables: Tables, **settings):
    rows = measured(tables, "signal_gradient", epoch=0, **settings)
    rows = where(rows, initializer=["gain", "glorot"])
    return figures.decades_by_layer(
        _labelled(rows),
        column="start",
        xlabel="hidden layer (0 is nearest to the input)",
        label="signal gradient",
    )


def _decay_dots(tables: Tables, **settings):
    rows = where(_labelled_decays(tables), epoch=0, **settings)
    rows = where(rows, initializer=["gain", "glorot"])
    return figures.dots(
        rows,
        xlabel=DECAY_LABEL,
        column=None,
        row="start",
        band=KEPT,
        linear_within=KEPT[1],
    )


def _signal_gradient_by_layer(tables: Tables):
    return _by_layer(tables, **MLP, depth=DEEPEST)


def _decay_by_activation(tables: Tables):
    return _decay_dots(tables, **MLP, depth=DEEPEST)


def _decay_by_depth(tables: Tables):
    return figures.cells(
        _decays_of_mlps(tables),
        "depth",
        panel="start",
        xlabel=f"hidden layers (in the cells: {DECAY_LABEL})",
        write=lambda values: _decay(values.mean()),
        scale=SymLogNorm(KEPT[1], vmin=-1, vmax=1),
        is_signed=True,
    )


def _decay(value: float) -> str:
    nearest = round(value, 3) + 0.0  # no negative zero
    return f"{nearest:.3f}".replace("-", "\N{MINUS SIGN}")


def _decays_of_mlps(tables: Tables) -> pd.DataFrame:
    rows = where(_labelled_decays(tables), epoch=0, **MLP)
    return where(rows, initializer=["gain", "glorot"])


def _changes_most(tables: Tables) -> str:
    rows = _decays_of_mlps(tables)
    names = ["start", "activation"]
    means = rows.groupby([*names, "depth"], observed=True)["value"].mean()
    wide = means.unstack("depth").dropna()
    deep = [depth for depth in wide if depth >= 10]
    if len(deep) < 2 or wide.empty:
        return ""
    first, last = deep[0], deep[-1]
    start, activation = (wide[last] - wide[first]).abs().idxmax()
    of_it = wide.loc[(start, activation)]
    return (
        f"From {first} to {last} layers, the gradient decay changes most for "
        f"{activation} ({start}): from {_decay(of_it[first])} to "
        f"{_decay(of_it[last])} decades per layer."
    )


def _cnn_by_layer(tables: Tables):
    return _by_layer(tables, **CNN)


def _cnn_by_activation(tables: Tables):
    return _decay_dots(tables, **CNN)


# Of the measures whose distribution over the seeds is drawn.
SPREADS = {
    "activation_std": "standard deviation of activations",
    "signal_gradient": "signal gradient",
}


def _of_seeds(tables: Tables) -> pd.DataFrame:
    """Both measures of the deepest ReLU and tanh nets, in decades, at some layers."""
    settings = {**MLP, "depth": DEEPEST, "initializer": "gain"}
    rows = pd.concat(
        [
            measured(tables, measure, epoch=0, **settings).assign(what=name)
            for measure, name in SPREADS.items()
        ],
        ignore_index=True,
    )
    rows = where(rows, activation=["relu", "tanh"])
    rows = rows[(rows["layer"] % 5 == 0) | (rows["layer"] == DEEPEST - 1)]
    kinds = list(SPREADS.values())
    return rows.assign(
        value=np.log10(rows["value"].where(rows["value"] > 0)),
        what=pd.Categorical(rows["what"], kinds, ordered=True),
    )


def _spreads(tables: Tables):
    return figures.ridges(
        _of_seeds(tables),
        panel="what",
        row="layer",
        xlabel="log₁₀ of the measure, one value for each net",
        ylabel="hidden layer",
        columns=2,
    )


def _how_far_they_spread(tables: Tables) -> str:
    rows = where(_of_seeds(tables), activation="relu").sort_values("layer")
    if rows.empty:
        return ""
    by_layer = rows.groupby(["what", "layer"], observed=True)["value"]
    decades = by_layer.quantile(0.9) - by_layer.quantile(0.1)
    activations, gradients = (decades[name] for name in SPREADS.values())
    return (
        f"Over {rows['seed'].nunique()} ReLU nets that differ only in their seed, the "
        f"gradient varies by {gradients.iloc[0]:.2f} decades at layer 0 and by "
        f"{gradients.iloc[-1]:.2f} at layer {DEEPEST - 1}; the standard deviation of the "
        f"activations varies by {activations.iloc[0]:.2f} and {activations.iloc[-1]:.2f}."
    )


SCALE = (
    "The scale is linear within the shaded band of ±0.02, in which the gradient "
    "counts as preserved, and logarithmic beyond it."
)


FIGURES = (
    StudyFigure(
        name="signal-gradient",
        title="The gradient by layer in nets of 30 layers before training",
        caption="The gradient travels from right to left, from the last hidden layer "
        "to the first. Where a row has no colour, it keeps its size; where it turns "
        "red, it vanishes; where it turns blue, it grows. The scale is logarithmic; at "
        "its ends are all gradients below a millionth or above a million. Colours are "
        "medians over seeds. Why sigmoid and tanh differ: the slope of the sigmoid is "
        "at most 0.25, so it shrinks the gradient at every layer; that of tanh is 1 at "
        "0, and few inputs of these nets are so large that it is small there.",
        claims=("sigmoid-vanishes", "tanh-vanishes"),
        draw=_signal_gradient_by_layer,
    ),
    StudyFigure(
        name="decay",
        title="Gradient decay of each activation in nets of 30 layers before training",
        caption="Left of the line the gradient shrinks towards the input; right of "
        "it, the gradient grows. Dots are estimates over seeds, lines their 95% "
        f"intervals, which are often narrower than the dot. {SCALE}",
        claims=("rectifier-flows",),
        draw=_decay_by_activation,
    ),
    StudyFigure(
        name="spread",
        title="How far single nets of 30 layers differ before training",
        caption="Each ridge is the distribution of a layer's measure over the nets, "
        "drawn equally high; the dot is the median. Each has its activation's own gain. "
        "What varies by chance in one layer is passed on: activations towards the "
        "output, gradients towards the input. A decade is a factor of 10; the sentence "
        "above is about the middle 80% of the nets. The activations and the gradients of "
        "single units are not stored, so their distributions are not shown.",
        draw=_spreads,
        finding=_how_far_they_spread,
    ),
    StudyFigure(
        name="depth",
        title="Gradient decay against depth before training",
        caption="The numbers of a row would be equal if each layer changed the gradient "
        "by the same factor in shallow and in deep nets. In nets with few layers the "
        "decay is estimated from few points, so it varies more. Numbers are means over "
        "seeds. Red: the gradient vanishes towards the input; blue: it grows.",
        draw=_decay_by_depth,
        finding=_changes_most,
    ),
    StudyFigure(
        name="cnn-signal-gradient",
        title="The gradient by layer in nets of 8 convolutions before training",
        caption="As in the figure of nets of 30 layers, for convolutional nets of 8 layers of 16 "
        "channels without pooling between them.",
        draw=_cnn_by_layer,
    ),
    StudyFigure(
        name="cnn-decay",
        title="Gradient decay of each activation in the convolutional net",
        caption="As in the figure of nets of 30 layers. Zero padding at the borders of the images "
        "removes some of the signal at each layer, whatever the activation. " + SCALE,
        draw=_cnn_by_activation,
    ),
)
