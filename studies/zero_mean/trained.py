"""How far the means of trained ELU nets are from zero, and how fast ELU learns."""

from functools import partial

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import measured, paired_outcomes, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import convergence, sources
from studies.accuracy.nets import EPOCHS, NETS
from studies.learning import EACH_HAS_LEARNED, each_learned
from studies.points import in_points, side

# The nets are those of the study of accuracy at one of its rates, with equal settings.
LEARNING_RATES = {"MLP": 1e-3, "CNN": 1e-2}
ACTIVATIONS = ("relu", "elu", "tanh", "sigmoid")

# A twentieth of the mean square is the smallest difference in offset that matters.
NEARER = 0.05


# The trials ---------------------------------------------------------------------------


def _trials(profile: str, *, seeds: range) -> list[Trial]:
    return [
        Trial(
            **net,
            activation=activation,
            learning_rate=LEARNING_RATES[label],
            epochs=EPOCHS[profile][label],
            seed=seed,
        )
        for label, net in NETS.items()
        for activation in ACTIVATIONS
        for seed in seeds
    ]


TRIALS = {
    "quick": partial(_trials, "quick", seeds=range(20)),
    "standard": partial(_trials, "standard", seeds=range(20)),
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


def _learned(tables: Tables) -> dict[str, pd.Series]:
    return {
        f"{label}, {AFTER}": each_learned(
            where(tables.trials, **net, learning_rate=LEARNING_RATES[label], bias=0.0),
            "relu",
            "elu",
        )
        for label, net in NETS.items()
    }


def _one_reaches(tables: Tables) -> dict[str, pd.Series]:
    return {case: convergence.one_reaches(r) for case, r in _faster(tables).items()}


def _both_reach(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: convergence.both_reach(ratios) for case, ratios in _faster(tables).items()
    }


CLAIMS = (
    Claim(
        id="elu-zero-mean",
        statement="ELU's mean activation is nearer to zero than ReLU's.",
        sources=(
            sources.ARTICLE.at(sources.VARIANTS),
            sources.INTRODUCTION.at(sources.EXTENSIONS),
        ),
        nets={"MLP": "MLPs of 6 layers", "CNN": "CNNs of 2 layers"},
        precondition=Precondition(
            text=f"{EACH_HAS_LEARNED}, in the cases after training", holds=_learned
        ),
        criterion="The mean_shift (the share of the activations' mean square that is due "
        "to their means), averaged over layers, is larger for ReLU than for ELU by at "
        f"least {NEARER:g}. Paired by seed. MLP of 6 layers and CNN of 2 layers, "
        f"trained by Adam at rates of {LEARNING_RATES['MLP']:g} and "
        f"{LEARNING_RATES['CNN']:g}, which are not tuned.",
        rule=Difference(smallest_effect=NEARER),
        effects=_nearer,
        quantity="mean_shift of ReLU minus that of ELU",
        in_words=lambda d: (
            f"the mean shift is {in_points(d, digits=0)} "
            f"{side(d, 'smaller', 'larger')} in ELU nets"
        ),
    ),
    Claim(
        id="elu-faster",
        statement="ELU learns faster than ReLU in nets of more than 5 layers.",
        sources=(
            sources.ARTICLE.at(sources.VARIANTS),
            sources.OVERVIEW,
            sources.INTRODUCTION.at(sources.EXTENSIONS),
            sources.CLEVERT.at("abstract"),
        ),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=convergence.ONE_REACHES, holds=_one_reaches),
        comparable_if=Precondition(text=convergence.BOTH_REACH, holds=_both_reach),
        criterion=convergence.RELU_IS_SLOWER,
        rule=Difference(smallest_effect=convergence.SLOWER),
        effects=_faster,
        quantity="ratio of the epochs of ReLU to those of ELU",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"ReLU needs {convergence.times(value)} as ELU",
        published="Clevert 2016: on CIFAR-100 an ELU net reaches a given test error "
        "in fewer iterations than a ReLU net.",
    ),
)


# The figures --------------------------------------------------------------------------


def _by_layer(label: str):
    def draw(tables: Tables):
        rows = where(_shifts(tables), net=label)
        return figures.lines_by_layer(
            rows, ylabel="mean shift", column="when", panel_height=3.0
        )

    return draw


FIGURES = (
    *(
        StudyFigure(
            name=f"shift-{label.lower()}",
            title=f"Mean shift by layer, {label}",
            claims=("elu-zero-mean",),
            caption="0: the mean of every unit over the examples is zero. 1: the "
            "units are constant over the examples, so their mean square is due to "
            "their means alone. Lines are medians over seeds; bands contain the "
            "middle 80%.",
            draw=_by_layer(label),
        )
        for label in NETS
    ),
)
