"""The gradient before training in figures: by layer, by activation and by depth."""

import pandas as pd

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
    rows = where(_labelled_decays(tables), epoch=0, **MLP)
    return figures.lines_against(
        where(rows, initializer=["gain", "glorot"]),
        "depth",
        xlabel="hidden layers",
        ylabel=DECAY_LABEL,
        column="start",
        band=KEPT,
        linear_within=KEPT[1],
    )


def _cnn_by_layer(tables: Tables):
    return _by_layer(tables, **CNN)


def _cnn_by_activation(tables: Tables):
    return _decay_dots(tables, **CNN)


SCALE = (
    "The scale is linear within the shaded band of ±0.02, in which the gradient "
    "counts as preserved, and logarithmic beyond it."
)


FIGURES = (
    StudyFigure(
        name="signal-gradient",
        title="The gradient by layer in nets of 30 layers before training",
        caption="The gradient travels from right to left, from the last hidden layer "
        "to the first. Where a row stays white, it keeps its size; where it turns red, "
        "it vanishes; where it turns blue, it grows. The scale is logarithmic; at its "
        "ends are all gradients below a millionth or above a million. Colours are "
        "medians over seeds.",
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
        name="depth",
        title="Gradient decay against depth before training",
        caption="The lines would be level if each layer changed the gradient by the "
        "same factor in shallow and in deep nets. In nets with few layers the decay "
        "is estimated from few points, so it varies more. Vertical lines are 95% "
        f"intervals. {SCALE}",
        draw=_decay_by_depth,
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
