"""How sparse codes are, and what the penalty costs their reconstructions."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.study_table import StudyTable
from keras_rectifiers.comparison.statistics import (
    hodges_lehmann,
    minus,
    paired_outcomes,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.autoencoder.nets import CODES, PENALTIES, PENALTY, best_nets
from studies.guessing import loss_of_guessing
from studies.points import in_points, side

# A tenth of the code is the smallest difference in zeros that matters.
MORE = 0.1
# A quarter more error is what we call harm, in doublings.
HARM = float(np.log2(1.25))
# So much of the error of guessing the mean image may be left.
LEFT = 0.5


# The claims ---------------------------------------------------------------------------


def _zeros(tables: Tables, **net) -> pd.Series:
    return where(best_nets(tables), **net).set_index("seed")["zeros"].sort_index()


def _more_zeros(tables: Tables) -> dict[str, pd.Series]:
    relu = _zeros(tables, activation="relu", activity_l1=PENALTY)
    return {
        f"ReLU against {other}": minus(
            relu, _zeros(tables, activation=other, activity_l1=PENALTY)
        )
        for other in CODES[1:]
    }


def _more_by_penalty(tables: Tables) -> dict[str, pd.Series]:
    without = _zeros(tables, activation="relu", activity_l1=0.0)
    return {
        f"L1 {penalty:g}": minus(
            _zeros(tables, activation="relu", activity_l1=penalty), without
        )
        for penalty in PENALTIES[1:]
    }


def _more_error(tables: Tables) -> dict[str, pd.Series]:
    nets = where(best_nets(tables), activation="relu")
    nets = nets.assign(error=np.log2(nets["test_loss"].astype(float)))
    return {
        f"L1 {penalty:g}": paired_outcomes(
            nets, "error", penalty, 0.0, by="activity_l1"
        )
        for penalty in PENALTIES[1:]
    }


def _reconstructs(nets: pd.DataFrame) -> pd.Series:
    """Whether all of some nets of each seed leave at most half of the error."""
    if nets.empty:
        return pd.Series(dtype=bool, index=pd.Index([], name="seed", dtype=np.int64))
    is_good = nets["test_loss"].astype(float) <= LEFT * loss_of_guessing(nets)
    return (is_good & ~nets["diverged"].astype(bool)).groupby(nets["seed"]).all()


def _of_codes(tables: Tables) -> dict[str, pd.Series]:
    nets = where(best_nets(tables), activity_l1=PENALTY)
    return {
        f"ReLU against {other}": _reconstructs(where(nets, activation=["relu", other]))
        for other in CODES[1:]
    }


def _of_penalties(tables: Tables) -> dict[str, pd.Series]:
    nets = where(best_nets(tables), activation="relu")
    return {
        f"L1 {penalty:g}": _reconstructs(where(nets, activity_l1=[0.0, penalty]))
        for penalty in PENALTIES[1:]
    }


def _without_penalty(tables: Tables) -> dict[str, pd.Series]:
    good = _reconstructs(where(best_nets(tables), activation="relu", activity_l1=0.0))
    return {f"L1 {penalty:g}": good for penalty in PENALTIES[1:]}


_GOOD = f"at most {LEFT:.0%} of the error of the mean image"
OF_CODES = Precondition(text=f"both nets leave {_GOOD}", holds=_of_codes)
# A code that has collapsed is sparse, and of no use.
OF_PENALTIES = Precondition(text=f"both nets leave {_GOOD}", holds=_of_penalties)
WITHOUT_PENALTY = Precondition(
    text=f"the net without the penalty leaves {_GOOD}", holds=_without_penalty
)
_NETS = "denoising auto-encoders with a code of 64 units"
_IMAGES = "digits with missing pixels"


def _points(share: float) -> str:
    more = side(share, "more", "less")
    return f"{in_points(share, digits=0)} {more} of the code are exactly 0"


CLAIMS = (
    Claim(
        id="sparse-code",
        statement="ReLU with an L1 penalty gives codes with exact zeros; tanh and "
        "sigmoid do not.",
        sources=(sources.INTRODUCTION.at(sources.ADVANTAGES),),
        nets=_NETS,
        data=_IMAGES,
        precondition=OF_CODES,
        comparable_if=OF_CODES,
        criterion=f"With an L1 penalty of {PENALTY:g} on the code, each net at its own "
        "best learning rate for each seed: the share of exact zeros in the code is "
        f"larger with ReLU than with the other activation, by at least {MORE:g}. Paired "
        "by seed.",
        rule=Difference(smallest_effect=MORE),
        effects=_more_zeros,
        quantity="share of exact zeros with ReLU minus that with the other",
        in_words=_points,
    ),
    Claim(
        id="sparse-code-l1",
        statement="The L1 penalty makes a ReLU code sparser.",
        sources=(sources.INTRODUCTION.at(sources.ADVANTAGES),),
        nets=_NETS,
        data=_IMAGES,
        precondition=OF_PENALTIES,
        comparable_if=OF_PENALTIES,
        criterion="ReLU nets, each at its own best learning rate for each seed: the "
        "share of exact zeros in the code is larger with the penalty than without, by "
        f"at least {MORE:g}. Paired by seed.",
        rule=Difference(smallest_effect=MORE),
        effects=_more_by_penalty,
        quantity="share of exact zeros with the penalty minus that without",
        in_words=_points,
    ),
    Claim(
        id="sparse-code-reconstructs",
        statement="The L1 penalty does the reconstruction little harm.",
        sources=(sources.INTRODUCTION.at(sources.ADVANTAGES),),
        nets=_NETS,
        data=_IMAGES,
        precondition=WITHOUT_PENALTY,
        comparable_if=WITHOUT_PENALTY,
        criterion="ReLU nets, each at its own best learning rate for each seed: the mean "
        "squared error on the test split is at most 1.25 times that without the penalty: "
        f"the whole interval of log2 of the ratio is at or below {HARM:.2f}.",
        rule=AtMost(threshold=HARM),
        effects=_more_error,
        outcomes=("test_loss",),
        quantity="ratio of the error with the penalty to that without",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"the error is {2**value:.2f} times as large",
    ),
)


# The table ----------------------------------------------------------------------------


def _shares(tables: Tables) -> list[list[str]]:
    nets = where(best_nets(tables), activation="relu")
    return [
        [
            f"{penalty:g}",
            *(_estimate(rows[name]) for name in ("zeros", "dead", "living")),
        ]
        for penalty, rows in nets.groupby("activity_l1")
    ]


def _estimate(values: pd.Series) -> str:
    known = values.dropna()
    return f"{hodges_lehmann(known).estimate:.2f}" if len(known) else "–"


TABLES = (
    StudyTable(
        title="Zeros in the code of ReLU, and dead units",
        caption="Shares, each an estimate over the seeds at their best rates. A dead "
        "unit is 0 for every image of the probe batch and stays so: its zeros tell "
        "nothing of an image. Those among the units that live do.",
        headings=(
            "L1 penalty",
            "Exact zeros",
            "Dead units",
            "Zeros among living units",
        ),
        rows=_shares,
    ),
)


# The figures --------------------------------------------------------------------------


def _frontier(tables: Tables):
    nets = best_nets(tables)
    return figures.frontier(
        nets.assign(value=nets["test_loss"].astype(float)),
        "zeros",
        "activity_l1",
        xlabel="share of exact zeros in the code",
        ylabel="mean squared error, test split",
    )


FIGURES = (
    StudyFigure(
        name="frontier",
        title="Zeros in the code against the error of the reconstruction",
        caption="Below and to the right is better. The numbers are the L1 penalties, "
        "from 0, where there is room. Tanh and sigmoid have no exact zeros at any "
        "penalty, so that their points stand above each other. "
        "Dots are estimates over seeds, bars their 95% intervals, in both directions. "
        "Each net at its own best rates.",
        claims=("sparse-code", "sparse-code-l1", "sparse-code-reconstructs"),
        draw=_frontier,
    ),
)
