"""Made-up frames of many nets, and what a figure of them says."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures

ACTIVATIONS = ("relu", "leaky_relu", "leaky_relu_0.1", "sigmoid")
PANELS = ("own gain", "Glorot")
NUM_LAYERS = 6
SEEDS = range(8)


def frame(activations=ACTIVATIONS, panels=PANELS) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [
        (activation, panel, when, seed, layer, 10.0 ** -rng.uniform(0, 3))
        for activation in activations
        for panel in panels
        for when in ("before", "after")
        for seed in SEEDS
        for layer in range(NUM_LAYERS)
    ]
    columns = ["activation", "panel", "when", "seed", "layer", "value"]
    return pd.DataFrame(rows, columns=columns)


def per_seed() -> pd.DataFrame:
    made = frame()
    return made[made["layer"] == 0]


def legend_labels(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def made_up_curves() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (net, penalty, seed, epoch, 0.1 * seed)
            for net in ("MLP", "CNN")
            for penalty in ("without L1", "with L1")
            for seed in SEEDS
            for epoch in range(4)
        ],
        columns=["net", "penalty", "seed", "epoch", "value"],
    )


def lost(made: pd.DataFrame, value=np.nan, **where) -> pd.DataFrame:
    """The frame without the values of some rows."""
    chosen = np.ones(len(made), dtype=bool)
    for column, levels in where.items():
        chosen &= made[column].isin(levels).to_numpy()
    return made.assign(value=made["value"].mask(chosen, value))


def said_below(figure) -> list[str]:
    return figure.get_supxlabel().replace("\N{NO-BREAK SPACE}", " ").split("\n")


NOT_ALL = ["", "Some nets have no value. Nets with a value:"]


# Each draws a frame of all panels, and names the panel as the figure does.
DRAWN = {
    "lines_by_layer": lambda f: figures.lines_by_layer(
        f, ylabel="", column="panel", row="when", log=True
    ),
    "dots": lambda f: figures.dots(
        f[f["layer"] == 0],
        xlabel="hidden layer (0 is nearest to the input)",
        column="panel",
        mark="when",
    ),
}
