"""Are ELU's activations nearer to zero mean than ReLU's, and does ELU learn faster?"""

from functools import partial

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.claims import Claim
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.rules import Difference
from keras_rectifiers.comparison.statistics import (
    measured,
    paired_outcomes,
    where,
)
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study, Trial
from studies import convergence
from studies.accuracy import COMMON_RATE, EPOCHS, NETS

# The nets are those of the study of accuracy at its common rate, with equal settings.
ACTIVATIONS = ("relu", "elu", "tanh", "sigmoid")

# A twentieth of the mean square is the smallest difference in offset that matters.
NEARER = 0.05
# A quarter more epochs is what we call slower.
SLOWER = float(np.log2(1.25))


# The trials ---------------------------------------------------------------------------


def _trials(profile: str, *, seeds: range) -> list[Trial]:
    return [
        Trial(
            **net,
            activation=activation,
            learning_rate=COMMON_RATE[label],
            epochs=EPOCHS[profile][label],
            seed=seed,
        )
        for label, net in NETS.items()
        for activation in ACTIVATIONS
        for seed in seeds
    ]


TRIALS = {
    "quick": partial(_trials, "quick", seeds=range(20)),
    "standard": partial(_trials, "standard", seeds=range(50)),
    "full": partial(_trials, "full", seeds=range(50)),
}


# The claims ---------------------------------------------------------------------------

BEFORE, AFTER = "before training", "after training"


def _shifts(tables: Tables) -> pd.DataFrame:
    """The offset of each layer, before and after training."""
    rows = measured(tables, "mean_shift")
    nets = [where(rows, **net).assign(net=label) for label, net in NETS.items()]
    rows = pd.concat(nets, ignore_index=True)
    rows = rows[(rows["epoch"] == 0) | (rows["epoch"] == rows["epochs"])]
    when = np.where(rows["epoch"] == 0, BEFORE, AFTER)
    return rows.assign(when=pd.Categorical(when, [BEFORE, AFTER], ordered=True))


def _nearer(tables: Tables) -> dict[str, pd.Series]:
    rows = _shifts(tables)
    names = ["net", "when", "activation", "seed"]
    nets = rows.groupby(names, observed=True)
    means = nets["value"].mean(skipna=False).reset_index()
    # A layer that diverged has no offset, at no time before either.
    means["diverged"] = False
    return {
        f"{label}, {when}": paired_outcomes(
            where(means, net=label, when=when), "value", "relu", "elu"
        )
        for label in NETS
        for when in (BEFORE, AFTER)
    }


def _faster(tables: Tables) -> dict[str, pd.DataFrame]:
    return {"MLP, Adam": convergence.doublings(tables, "relu", "elu")}


CLAIMS = (
    Claim(
        id="elu-zero-mean",
        statement="ELU's mean activation is nearer to zero than ReLU's.",
        source="the encyclopaedia article and the gentle introduction",
        criterion="mean_shift (the share of the activations' mean square that is "
        f"offset), averaged over layers: ReLU's larger than ELU's by {NEARER:g} at "
        "least. Paired by seed; MLP of 6 layers and CNN of 2, by Adam at rates of "
        f"{COMMON_RATE['MLP']:g} and {COMMON_RATE['CNN']:g}, not tuned.",
        rule=Difference(smallest_effect=NEARER),
        effects=_nearer,
        quantity="mean_shift of ReLU less that of ELU",
        in_words=lambda d: (
            f"{abs(d):.0%} of the mean square "
            f"{'less' if d >= 0 else 'more'} is offset in ELU's nets"
        ),
    ),
    Claim(
        id="elu-faster",
        statement="ELU learns faster than ReLU in nets of more than 5 layers.",
        source="the encyclopaedia article, the overview and the gentle introduction",
        criterion="MLPs of 6 layers of 32 units, Adam, batches of 128, each net at its "
        "own best rate (see the study of convergence): ReLU takes at least a quarter "
        f"more epochs to a training loss of {convergence.THRESHOLD:g} nats. Paired by "
        "seed; a net that never gets there is censored.",
        rule=Difference(smallest_effect=SLOWER),
        effects=_faster,
        quantity="epochs of ReLU over those of ELU",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"ReLU takes {convergence.times(value)} as ELU",
        published="Clevert 2016: on CIFAR-100 an ELU net gets to a given test error in "
        "fewer iterations than a ReLU net.",
    ),
)


# The figures --------------------------------------------------------------------------


def _by_layer(label: str):
    def draw(tables: Tables):
        rows = where(_shifts(tables), net=label)
        return figures.lines_by_layer(
            rows, ylabel="mean_shift", column="when", panel_height=3.0
        )

    return draw


FIGURES = tuple(
    StudyFigure(
        name=f"shift-{label.lower()}",
        title=f"How much of the activations is offset, {label}",
        caption="0: the units are centred over the examples. 1: all of their mean square "
        "is offset. Lines are medians over seeds, bands their middle 80%.",
        draw=_by_layer(label),
    )
    for label in NETS
)


STUDY = Study(
    name="zero_mean",
    title="Zero mean",
    question="Are ELU's activations nearer to zero mean than ReLU's, and does ELU learn "
    "faster?",
    method="Fully connected nets of 6 layers of 32 units and convolutional nets of 2 "
    "layers of 8 channels are trained on digits by Adam, and the offset of every "
    "layer's activations is measured before and after training. How many epochs a net "
    "needs is measured as in the study of convergence.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
    tunings=convergence.TUNINGS,
)
