"""How sparse ReLU nets are after training, and the effect and cost of a penalty."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    measured,
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.guessing import as_of_ten_classes
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)
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
# Up to here zeros are said to do no harm, which a point of accuracy would be.
MOST_ZEROS = 0.85
HARM = 0.01
# So much sparser a penalty has to make a net.
SPARSER = 0.10
# Half a point is the smallest difference of gaps that matters.
SMALLEST_EFFECT = 0.005
# Nets whose training accuracy is no further below have learned as much.
EQUAL = 0.01
SOME = 0.01


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int, penalties) -> list[Trial]:
    return [
        Trial(**net, epochs=epochs, activity_l1=penalty, seed=seed)
        for label, net in NETS.items()
        for penalty in (0.0, *penalties[label])
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _trained(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """The rows of nets of one kind that were trained, with their penalty and gap."""
    rows = where(frame, **NETS[label])
    rows = rows[rows["epochs"] > 0]
    return rows.assign(
        penalty=rows["activity_l1"],
        gap=rows["train_accuracy"] - rows["test_accuracy"],
        diverged=rows["diverged"].astype(bool),
    )


def _sparsity(tables: Tables, label: str) -> pd.DataFrame:
    """The sparsity of each net after training, the mean of its layers."""
    return _trained(mean_of_nets(_after_training(exact_zeros(tables))), label)


def _after_training(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["epochs"] > 0) & (rows["epoch"] == rows["epochs"])]


def _up_to_most_zeros(tables: Tables, label: str) -> pd.Series:
    """The largest penalty of each seed that leaves its net few enough zeros.

    By the zeros on the probe batch, because the claims are about nets up to a sparsity.
    NaN if no penalty does.
    """
    nets = _sparsity(tables, label)
    return _largest_penalty(nets, nets["value"] <= MOST_ZEROS)


def _as_accurate(tables: Tables, label: str) -> pd.Series:
    """The largest penalty of each seed with which its net has learned as much.

    By the training accuracy, of which the claim says that it is equal. NaN if there is
    none.
    """
    nets = _trained(tables.trials, label)
    nets = nets.assign(value=unless_diverged(nets, "train_accuracy"))
    without = by_seed(where(nets, penalty=0.0))
    is_equal = nets["value"] >= nets["seed"].map(without) - EQUAL
    return _largest_penalty(nets, is_equal)


def _largest_penalty(nets: pd.DataFrame, is_allowed: pd.Series) -> pd.Series:
    """The largest allowed penalty > 0 of each seed.

    Empty if there are no two penalties from which to choose.
    """
    nets = nets.assign(is_allowed=is_allowed)
    nets = nets[nets["penalty"] > 0]
    if nets["penalty"].nunique() < 2:
        nets = nets.iloc[:0]
    return nets["penalty"].where(nets["is_allowed"]).groupby(nets["seed"]).max()


def _chosen(nets: pd.DataFrame, penalties: pd.Series) -> pd.DataFrame:
    """The nets of each seed with its penalty and without, told apart by `has_penalty`."""
    nets = nets[nets["seed"].isin(penalties.index)]
    is_chosen = nets["penalty"] == nets["seed"].map(penalties)
    nets = nets.assign(has_penalty=nets["penalty"] > 0)
    return nets[is_chosen | ~nets["has_penalty"]]


def _sparse_trained(tables: Tables) -> dict[str, pd.Series]:
    cases = {}
    for label in NETS:
        rows = _sparsity(tables, label)
        for kind, penalty in (("without L1", 0.0), ("with L1", L1)):
            cases[f"{label}, {kind}"] = by_seed(where(rows, penalty=penalty))
    return cases


def _learned(tables: Tables) -> dict[str, pd.Series]:
    cases = {}
    for label in NETS:
        rows = _trained(tables.trials, label)
        rows = rows.assign(value=as_of_ten_classes(rows) >= LEARNED)
        for kind, penalty in (("without L1", 0.0), ("with L1", L1)):
            cases[f"{label}, {kind}"] = by_seed(where(rows, penalty=penalty))
    return cases


def _both_learned_sparse(tables: Tables) -> dict[str, pd.Series]:
    return _of_pairs(tables, _up_to_most_zeros, each_learned)


def _both_learned_accurate(tables: Tables) -> dict[str, pd.Series]:
    return _of_pairs(tables, _as_accurate, each_learned)


def _better_learned_sparse(tables: Tables) -> dict[str, pd.Series]:
    return _of_pairs(tables, _up_to_most_zeros, better_learned)


def _of_pairs(tables: Tables, chosen, learned) -> dict[str, pd.Series]:
    """Whether a seed has a penalty, and its nets with it and without have learned."""
    cases = {}
    for label in NETS:
        penalties = chosen(tables, label)
        nets = _chosen(_trained(tables.trials, label), penalties)
        cases[label] = learned(nets, True, False, by="has_penalty") & (
            penalties.notna().reindex(sorted(set(nets["seed"])), fill_value=False)
        )
    return cases


def _sparser(tables: Tables) -> dict[str, pd.Series]:
    return {
        label: _against_none(
            _sparsity(tables, label), "value", _up_to_most_zeros(tables, label)
        )
        for label in NETS
    }


def _harm(tables: Tables) -> dict[str, pd.Series]:
    return {
        label: _against_none(
            _trained(tables.trials, label),
            "test_accuracy",
            _up_to_most_zeros(tables, label),
        )
        for label in NETS
    }


def _smaller_gap(tables: Tables) -> dict[str, pd.Series]:
    return {
        label: -_against_none(
            _trained(tables.trials, label), "gap", _as_accurate(tables, label)
        )
        for label in NETS
    }


def _against_none(nets: pd.DataFrame, value: str, penalties: pd.Series) -> pd.Series:
    """The effect of each seed's penalty; NaN if it has none."""
    found = paired_outcomes(
        _chosen(nets, penalties), value, True, False, by="has_penalty"
    )
    # Also if no seed has a penalty: its nets were trained.
    return found.reindex(penalties.index)


def _zero_weights(tables: Tables) -> dict[str, pd.Series]:
    rows = mean_of_nets(_after_training(measured(tables, "zero_weights")))
    cases = {}
    for label in NETS:
        nets = _trained(rows, label)
        for kind, penalty in (("without L1", 0.0), ("with L1", L1)):
            cases[f"{label}, {kind}"] = by_seed(where(nets, penalty=penalty))
    return cases


_CHOSEN = (
    f"the largest of the penalties {', '.join(f'{p:g}' for p in PENALTIES)} (on the "
    "sum over units and, for a convolution, the mean over positions; the quick "
    f"profile does not include {PENALTIES[0]:g} or the CNN) at which the net of the "
    "seed has"
)
_HAS_PENALTY = "one of the penalties meets the condition of the criterion"

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
    Claim(
        id="l1-sparsity",
        statement="An L1 penalty on the activations raises the sparsity.",
        sources=(sources.INTRODUCTION.at(sources.TIPS),),
        nets={"MLP": "MLPs of 4 layers", "CNN": "CNNs of 3 layers"},
        precondition=Precondition(
            text=f"{_HAS_PENALTY}, and {EACH_HAS_LEARNED}", holds=_both_learned_sparse
        ),
        criterion=f"ReLU nets after training, at {_CHOSEN} at most {MOST_ZEROS:.0%} "
        f"zeros: sparsity is above that without a penalty by at least {SPARSER:g}. "
        "Paired by seed.",
        rule=Difference(smallest_effect=SPARSER),
        effects=_sparser,
        quantity="rise of the mean sparsity",
        in_words=lambda d: (
            f"{abs(d) * 100:.1f} percentage points {'more' if d >= 0 else 'fewer'} "
            "zeros"
        ),
    ),
    Claim(
        id="l1-harmless",
        statement=f"Sparsity up to about {MOST_ZEROS:.0%} zeros does not reduce the "
        "accuracy.",
        sources=(sources.GLOROT,),
        nets={"MLP": "MLPs of 4 layers", "CNN": "CNNs of 3 layers"},
        precondition=Precondition(
            text=f"{_HAS_PENALTY}, and {BETTER_HAS_LEARNED}",
            holds=_better_learned_sparse,
        ),
        criterion="The same nets at the same penalty: the whole interval of the "
        "difference in test accuracy to nets without a penalty is at or above "
        f"−{HARM:g}. Paired by seed.",
        rule=AtLeast(threshold=-HARM),
        effects=_harm,
        outcomes=("test_accuracy",),
        quantity="difference in test accuracy",
        digits=4,
        in_words=lambda d: (
            f"{abs(d) * 100:.1f} percentage points {'more' if d >= 0 else 'less'} "
            "than without the penalty"
        ),
    ),
    Claim(
        id="sparse-generalises",
        statement="Sparse activation reduces overfitting.",
        sources=(
            sources.OVERVIEW,
            sources.TUTORIAL,
        ),
        nets={"MLP": "MLPs of 4 layers", "CNN": "CNNs of 3 layers"},
        precondition=Precondition(
            text=f"{_HAS_PENALTY}, and {EACH_HAS_LEARNED}",
            holds=_both_learned_accurate,
        ),
        criterion=f"ReLU nets after the same number of epochs, at {_CHOSEN} a "
        f"training accuracy no more than {EQUAL:g} below that without a penalty, so "
        "that they have learned as much: training minus test accuracy is smaller than "
        f"without a penalty by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_smaller_gap,
        outcomes=("train_accuracy", "test_accuracy"),
        quantity="gap between training and test accuracy without the penalty minus "
        "that with it",
        digits=4,
        in_words=lambda d: (
            f"the gap is {abs(d) * 100:.1f} percentage points "
            f"{'smaller' if d >= 0 else 'larger'} with the penalty"
        ),
    ),
    Claim(
        id="zero-weights",
        statement="Some of the weights of a ReLU net are zero.",
        sources=(sources.TUTORIAL,),
        nets={"MLP": "MLPs of 4 layers", "CNN": "CNNs of 3 layers"},
        kind=Kind.IDENTITY,
        kind_reason="Weights are drawn from a continuous distribution and changed by "
        "real numbers; nothing in the training sets one to exactly 0.",
        criterion="The same nets after training, without and with an L1 penalty of "
        f"{L1:g} on the activations: the whole interval of the share of hidden "
        f"weights that are exactly 0, averaged over layers, is at or above {SOME:g}.",
        rule=AtLeast(threshold=SOME),
        effects=_zero_weights,
        quantity="share of weights that are exactly 0",
        digits=4,
        in_words=lambda share: (
            f"{share:.1%} of all weights are exactly 0"
            if share
            else "no weight is exactly 0"
        ),
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


def _with_penalty(frame: pd.DataFrame) -> pd.DataFrame:
    """The nets without a penalty and with the usual one."""
    parts = [where(_trained(frame, label), penalty=[0.0, L1]) for label in NETS]
    rows = pd.concat(parts)
    kinds = ["without L1", "with L1"]
    return rows.assign(
        kind=pd.Categorical(
            (rows["penalty"] > 0).map({False: kinds[0], True: kinds[1]}),
            categories=kinds,
            ordered=True,
        )
    )


def _dose_response(tables: Tables):
    outcomes = _outcomes(tables, "test_accuracy")
    parts = [
        _sparsity(tables, "MLP").assign(what="sparsity"),
        outcomes.assign(what="test accuracy"),
    ]
    return _against_penalty(pd.concat(parts, ignore_index=True), "share")


def _gap(tables: Tables):
    rows = _outcomes(tables, "gap").assign(what="MLP of 4 layers")
    return _against_penalty(rows, "training minus test accuracy")


def _outcomes(tables: Tables, value: str) -> pd.DataFrame:
    rows = _trained(tables.trials, "MLP")
    return rows.assign(value=unless_diverged(rows, value))


def _against_penalty(rows: pd.DataFrame, ylabel: str):
    return figures.lines_against(
        rows.assign(shown=(1000 * rows["penalty"]).round(9)),
        "shown",
        xlabel="L1 penalty weight × 1000",
        ylabel=ylabel,
        column="what",
        log_x=True,
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
        name="dose",
        title="Effect of an L1 penalty on the activations of the MLP",
        caption="After training: the share of zeros, and the test accuracy. Dots are "
        "estimates over seeds, vertical lines their 95% intervals.",
        claims=("l1-sparsity", "l1-harmless"),
        draw=_dose_response,
    ),
    StudyFigure(
        name="gap",
        title="Overfitting of the MLP against the L1 penalty",
        caption="Training minus test accuracy after the same number of epochs.",
        claims=("sparse-generalises",),
        draw=_gap,
    ),
)
