"""How sparse ReLU nets are after training, without a penalty and with one."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import by_seed, measured, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.guessing import as_of_ten_classes
from studies.sparsity.zeros import exact_zeros, labelled, mean_of_nets, of_all

COMMON = {"initializer": "gain", "optimizer": "adam", "learning_rate": 3e-3}
NETS = {
    "MLP": {"architecture": "mlp", "depth": 4, "width": 128, **COMMON},
    "CNN": {"architecture": "cnn", "depth": 3, "width": 8, **COMMON},
}
# Weights of the L1 penalty on the activations.
L1 = 1e-3
PENALTIES = (1e-4, L1, 1e-2)
# Convolutions take their time: the quick profile judges no penalty of theirs.
QUICK_PENALTIES = {"MLP": (L1, 1e-2), "CNN": (L1,)}
ALL_PENALTIES = dict.fromkeys(NETS, PENALTIES)

# A net that a penalty has silenced is sparse, but of no use. Guessing among ten classes
# gets 0.10.
LEARNED = 0.5


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int, penalties) -> list[Trial]:
    return [
        Trial(**net, epochs=epochs, activity_l1=penalty, seed=seed)
        for label, net in NETS.items()
        for penalty in (0.0, *penalties[label])
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def trained_nets(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """The rows of nets of one kind that were trained, with their penalty and gap."""
    rows = where(frame, **NETS[label])
    rows = rows[rows["epochs"] > 0]
    return rows.assign(
        penalty=rows["activity_l1"],
        gap=rows["train_accuracy"] - rows["test_accuracy"],
        diverged=rows["diverged"].astype(bool),
    )


def sparsity_after_training(tables: Tables, label: str) -> pd.DataFrame:
    """The sparsity of each net after training, the mean of its layers."""
    return trained_nets(mean_of_nets(after_training(exact_zeros(tables))), label)


def after_training(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["epochs"] > 0) & (rows["epoch"] == rows["epochs"])]


def _sparse_trained(tables: Tables) -> dict[str, pd.Series]:
    cases = {}
    for label in NETS:
        rows = sparsity_after_training(tables, label)
        for kind, penalty in (("without L1", 0.0), ("with L1", L1)):
            cases[f"{label}, {kind}"] = by_seed(where(rows, penalty=penalty))
    return cases


def _learned(tables: Tables) -> dict[str, pd.Series]:
    cases = {}
    for label in NETS:
        rows = trained_nets(tables.trials, label)
        rows = rows.assign(value=as_of_ten_classes(rows) >= LEARNED)
        for kind, penalty in (("without L1", 0.0), ("with L1", L1)):
            cases[f"{label}, {kind}"] = by_seed(where(rows, penalty=penalty))
    return cases


CLAIMS = (
    Claim(
        id="sparse-trained",
        statement="Trained rectifier nets are sparse: more than half of the "
        "activations are zero.",
        sources=(sources.GLOROT.at("table 1"),),
        nets={"MLP": "MLPs of 4 layers", "CNN": "CNNs of 3 layers"},
        precondition=Precondition(
            text=f"the net has learned (a test accuracy of at least {LEARNED:.2f} among "
            "ten classes, or equally far above guessing among others)",
            holds=_learned,
        ),
        criterion="ReLU nets after training, without and with an L1 penalty of "
        f"{L1:g} on the activations: the whole interval of the sparsity, averaged "
        "over layers, is at or above 0.50.",
        rule=AtLeast(threshold=0.5),
        effects=_sparse_trained,
        quantity="mean sparsity",
        in_words=of_all,
        published="Glorot 2011, with an L1 penalty and after pre-training or long "
        "training of other nets: sparsity 83.4% on MNIST, 72.0% on CIFAR-10, 68.0% on "
        "NISTP and 73.8% on NORB.",
    ),
)


# The figures --------------------------------------------------------------------------


def _through_training(tables: Tables):
    rows = measured(tables, "sparsity")
    rows = rows[rows["epochs"] > 0].sort_values("architecture", ascending=False)
    outcomes = tables.trials[tables.trials["epochs"] > 0]
    outcomes = outcomes.assign(value=outcomes["test_accuracy"])
    return figures.training_curves(
        _with_penalty(labelled(mean_of_nets(rows))),
        _with_penalty(labelled(outcomes)),
        row="net",
        group="kind",
        ylabel="mean sparsity",
        outcome_label="test accuracy",
    )


def _zeros_by_layer(tables: Tables) -> pd.DataFrame:
    rows = measured(tables, "sparsity")
    names = {0.0: "no L1", **{penalty: f"L1 {penalty:g}" for penalty in PENALTIES}}
    parts = []
    for label in NETS:
        nets = trained_nets(rows, label)
        parts.append(nets.assign(panel=f"{label}, " + nets["penalty"].map(names)))
    nets = pd.concat(parts)
    kinds = [f"{label}, {name}" for label in NETS for name in names.values()]
    return nets.assign(panel=pd.Categorical(nets["panel"], kinds, ordered=True))


def _where_and_when(tables: Tables):
    return figures.pictures_by_layer(
        _zeros_by_layer(tables),
        panel="panel",
        xlabel="hidden layer (0 is nearest to the input)",
        label="share of activations that are exactly 0",
    )


def _sparsest_layers(tables: Tables) -> str:
    rows = _zeros_by_layer(tables)
    rows = rows[rows["epoch"] == rows["epochs"]].dropna(subset="value")
    by_layer = rows.groupby(["panel", "layer"], observed=True)["value"].median()
    most = by_layer[by_layer.groupby("panel", observed=True).idxmax()]
    told = [
        f"{share:.0%} in layer {layer} ({panel})"
        for (panel, layer), share in most.items()
    ]
    if not told:
        return ""
    return (
        "The share of zeros in the sparsest layer after training: "
        + ", ".join(told)
        + "."
    )


def _with_penalty(frame: pd.DataFrame) -> pd.DataFrame:
    """The nets without a penalty and with the usual one."""
    parts = [where(trained_nets(frame, label), penalty=[0.0, L1]) for label in NETS]
    rows = pd.concat(parts)
    kinds = ["without L1", "with L1"]
    return rows.assign(
        kind=pd.Categorical(
            (rows["penalty"] > 0).map({False: kinds[0], True: kinds[1]}),
            categories=kinds,
            ordered=True,
        )
    )


FIGURES = (
    StudyFigure(
        name="training",
        title="Sparsity during training, and its cost in test accuracy",
        caption="Left: sparsity after each epoch, median over seeds; the band "
        "contains the middle 80%. Right: test accuracy after the last epoch, a point "
        "for each seed and a line at their median. The two rows have different scales.",
        claims=("sparse-trained",),
        draw=_through_training,
    ),
    StudyFigure(
        name="layers",
        title="In which layers the zeros are, and when they come",
        caption="The share of activations that are exactly 0 in each layer after each "
        "epoch, the median over the seeds. Each panel is a net with a weight of the L1 "
        "penalty; from left to right the layers, from bottom to top the epochs, 0 before "
        "training. Empty: the net has no such layer.",
        claims=("sparse-trained",),
        draw=_where_and_when,
        finding=_sparsest_layers,
    ),
)
