"""What an L1 penalty on the activations gains and costs, up to a sparsity."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)
from studies.points import in_points, side
from studies.sparsity.trained import (
    NETS,
    PENALTIES,
    sparsity_after_training,
    trained_nets,
)

# Up to here zeros are said to do no harm, which a point of accuracy would be.
MOST_ZEROS = 0.85
HARM = 0.01
# So much sparser a penalty has to make a net.
SPARSER = 0.10
# The smallest effect of interest on a gap between accuracies: half a percentage point.
SMALLEST_EFFECT = 0.005
# Nets whose training accuracy is no further below have learned as much.
EQUAL = 0.01


# The claims ---------------------------------------------------------------------------


def _up_to_most_zeros(tables: Tables, label: str) -> pd.Series:
    """The largest penalty of each seed that leaves its net few enough zeros.

    By the zeros on the probe batch, because the claims are about nets up to a sparsity.
    NaN if no penalty does.
    """
    nets = sparsity_after_training(tables, label)
    return _largest_penalty(nets, nets["value"] <= MOST_ZEROS)


def _as_accurate(tables: Tables, label: str) -> pd.Series:
    """The largest penalty of each seed with which its net has learned as much.

    By the training accuracy, of which the claim says that it is equal. NaN if there is
    none.
    """
    nets = trained_nets(tables.trials, label)
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
        nets = _chosen(trained_nets(tables.trials, label), penalties)
        cases[label] = learned(nets, True, False, by="has_penalty") & (
            penalties.notna().reindex(sorted(set(nets["seed"])), fill_value=False)
        )
    return cases


def _sparser(tables: Tables) -> dict[str, pd.Series]:
    return {
        label: _against_none(
            sparsity_after_training(tables, label),
            "value",
            _up_to_most_zeros(tables, label),
        )
        for label in NETS
    }


def _harm(tables: Tables) -> dict[str, pd.Series]:
    return {
        label: _against_none(
            trained_nets(tables.trials, label),
            "test_accuracy",
            _up_to_most_zeros(tables, label),
        )
        for label in NETS
    }


def _smaller_gap(tables: Tables) -> dict[str, pd.Series]:
    return {
        label: -_against_none(
            trained_nets(tables.trials, label), "gap", _as_accurate(tables, label)
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


_CHOSEN = (
    f"the largest of the penalties {', '.join(f'{p:g}' for p in PENALTIES)} (on the "
    "sum over units and, for a convolution, the mean over positions; the quick "
    f"profile does not include {PENALTIES[0]:g} or the CNN) at which the net of the "
    "seed has"
)
_HAS_PENALTY = "one of the penalties meets the condition of the criterion"


CLAIMS = (
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
            f"{in_points(d)} {side(d, 'more', 'fewer')} of the "
            "activations are 0 than without the penalty"
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
            f"the accuracy is {in_points(d)} {side(d, 'higher', 'lower')} than "
            "without the penalty"
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
            f"the gap is {in_points(d)} {side(d, 'smaller', 'larger')} with the penalty"
        ),
    ),
)


# The figures --------------------------------------------------------------------------


def _dose_response(tables: Tables):
    outcomes = _outcomes(tables, "test_accuracy")
    parts = [
        sparsity_after_training(tables, "MLP").assign(what="sparsity"),
        outcomes.assign(what="test accuracy"),
    ]
    return _against_penalty(pd.concat(parts, ignore_index=True), "share")


def _gap(tables: Tables):
    rows = _outcomes(tables, "gap").assign(what="MLP of 4 layers")
    return _against_penalty(rows, "training minus test accuracy")


def _outcomes(tables: Tables, value: str) -> pd.DataFrame:
    rows = trained_nets(tables.trials, "MLP")
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
