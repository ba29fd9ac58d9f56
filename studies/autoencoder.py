"""Does ReLU with an L1 penalty give an auto-encoder's code with exact zeros?"""

import functools
from collections.abc import Iterator

import keras
import numpy as np
import pandas as pd

from keras_rectifiers import activations, catalogue
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.study_table import StudyTable
from keras_rectifiers.comparison.statistics import (
    after_training,
    hodges_lehmann,
    measured,
    minus,
    paired_outcomes,
    where,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.guessing import loss_of_guessing

DATA = "noisy_digits"
# The code is the one hidden layer, the decoder the last one.
NET = {
    "dataset": DATA,
    "inputs": "raw",
    "architecture": "mlp",
    "depth": 1,
    "width": 64,
    "initializer": "glorot",
    "optimizer": "adam",
    "batch_size": 32,
}
CODES = ("relu", "tanh", "sigmoid")
PENALTIES = (0.0, 3e-4, 1e-3, 3e-3)
PENALTY = 1e-3
RATES = (1e-3, 3e-3, 1e-2)

# A tenth of the code is the smallest difference in zeros that matters.
MORE = 0.1
# A quarter more error is what we call harm, in doublings.
HARM = float(np.log2(1.25))
# So much of the error of guessing the mean image may be left.
LEFT = 0.5

SIDE = 8
NUM_SHOWN = 8


# The trials ---------------------------------------------------------------------------


def _grids(*, seeds: range, epochs: int) -> list[RateGrid]:
    return [
        RateGrid(
            title="denoising auto-encoders, code of 64 units",
            nets=[
                Trial(**NET, activation=code, activity_l1=penalty, epochs=epochs)
                for code in CODES
                for penalty in PENALTIES
            ],
            rates=RATES,
            seeds=seeds,
            score=validation_loss,
            score_name="validation loss",
        )
    ]


GRIDS = {
    "quick": _grids(seeds=range(20), epochs=10),
    "standard": _grids(seeds=range(20), epochs=40),
    "full": _grids(seeds=range(50), epochs=100),
}


# The claims ---------------------------------------------------------------------------


# Each claim and figure asks for them.
@functools.lru_cache(maxsize=4)
def _nets(tables: Tables) -> pd.DataFrame:
    """The nets at their best rates, with what is counted in their codes.

    That is `zeros`, the share of exact zeros; `dead`, that of the dead units; and
    `living`, the share of zeros among the other units.
    """
    trials = where(at_best_rate(tables, validation_loss), dataset=DATA)
    zeros = _of_code(tables, trials, "sparsity", "exact_zeros_by_underflow")
    dead = _of_code(tables, trials, "dead_units")
    # A dead unit is 0 throughout.
    living = (zeros - dead) / (1 - dead).where(dead < 1)
    return trials.assign(zeros=zeros, dead=dead, living=living)


def _of_code(tables: Tables, trials: pd.DataFrame, *names: str) -> pd.Series:
    rows = pd.concat([after_training(measured(tables, name)) for name in names])
    values = rows[rows["layer"] == 0].set_index("key")["value"]
    return trials["key"].map(values).astype(float)


def _zeros(tables: Tables, **net) -> pd.Series:
    return where(_nets(tables), **net).set_index("seed")["zeros"].sort_index()


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
    nets = where(_nets(tables), activation="relu")
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
    nets = where(_nets(tables), activity_l1=PENALTY)
    return {
        f"ReLU against {other}": _reconstructs(where(nets, activation=["relu", other]))
        for other in CODES[1:]
    }


def _of_penalties(tables: Tables) -> dict[str, pd.Series]:
    nets = where(_nets(tables), activation="relu")
    return {
        f"L1 {penalty:g}": _reconstructs(where(nets, activity_l1=[0.0, penalty]))
        for penalty in PENALTIES[1:]
    }


def _without_penalty(tables: Tables) -> dict[str, pd.Series]:
    good = _reconstructs(where(_nets(tables), activation="relu", activity_l1=0.0))
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
    verb = "more" if share >= 0 else "less"
    return f"{100 * abs(share):.0f} percentage points {verb} of the code are exactly 0"


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
        statement="The L1 penalty does not harm the reconstruction.",
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
    nets = where(_nets(tables), activation="relu")
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
    nets = _nets(tables)
    return figures.frontier(
        nets.assign(value=nets["test_loss"].astype(float)),
        "zeros",
        "activity_l1",
        xlabel="share of exact zeros in the code",
        ylabel="mean squared error, test split",
    )


def _shown(tables: Tables) -> Iterator[tuple[str, pd.Series, list[np.ndarray]]]:
    """The nets that are shown: their title, row and weights, which have been kept."""
    nets = where(_nets(tables), seed=0)
    for code in CODES:
        for penalty in (0.0, PENALTY) if code == "relu" else (0.0,):
            rows = where(nets, activation=code, activity_l1=penalty)
            for _, row in rows.iterrows():
                kept = where(tables.outputs, key=row["key"]).sort_values("index")
                weights = [
                    where(kept, layer=layer, name=name)["value"].to_numpy(np.float32)
                    for layer in (0, 1)
                    for name in ("kernel", "bias")
                ]
                if all(map(len, weights)):
                    suffix = f", L1 {penalty:g}" if penalty else ""
                    yield catalogue.title(code) + suffix, row, weights


def _reconstructions(tables: Tables):
    rows = {}
    for title, net, (encoder, bias, decoder, offset) in _shown(tables):
        data = datasets.load(DATA, inputs="raw")
        x, y = data.x_test[:NUM_SHOWN], data.y_test[:NUM_SHOWN]
        if not rows:
            rows = {"whole": _as_images(y), "with missing pixels": _as_images(x)}
        z = x.reshape(len(x), -1) @ encoder.reshape(-1, net["width"]) + bias
        code = keras.ops.convert_to_numpy(activations.get(net["activation"])(z))
        rows[title] = _as_images(code @ decoder.reshape(net["width"], -1) + offset)
    return figures.images(rows)


def _features(tables: Tables):
    rows = {}
    for title, net, (_, _, decoder, _) in _shown(tables):
        kernels = decoder.reshape(net["width"], -1)
        # The units that write most.
        largest = np.argsort(-np.linalg.norm(kernels, axis=1), kind="stable")
        rows[title] = _as_images(kernels[largest[:NUM_SHOWN]])
    return figures.images(rows, is_signed=True)


def _as_images(rows: np.ndarray) -> np.ndarray:
    return rows.reshape(len(rows), SIDE, SIDE)


FIGURES = (
    StudyFigure(
        name="frontier",
        title="Zeros in the code against the error of the reconstruction",
        caption="Below and to the right is better. The numbers are the L1 penalties. "
        "Dots are estimates over seeds, bars their 95% intervals, in both directions. "
        "Each net at its own best rates.",
        claims=("sparse-code", "sparse-code-l1", "sparse-code-reconstructs"),
        draw=_frontier,
    ),
    StudyFigure(
        name="reconstructions",
        title="Reconstructions of test images",
        caption="Of one seed, each net at its best rate. Three of ten pixels are "
        "missing from what the nets see.",
        claims=("sparse-code-reconstructs",),
        draw=_reconstructions,
    ),
    StudyFigure(
        name="features",
        title="What the units of the code write",
        caption="The weights of the decoder for the eight units with the largest ones: "
        "what a unit adds to the image (red) or takes away (blue), each on a scale of "
        "its own.",
        draw=_features,
    ),
)


STUDY = Study(
    name="autoencoder",
    title="Auto-encoder",
    question="Do ReLU and an L1 penalty give a code with exact zeros, and what does that "
    "cost the reconstruction?",
    method="Auto-encoders with one layer of 64 units as code and a linear decoder see "
    "digits of which three of ten pixels are missing, and have to tell all pixels; the "
    "loss is the mean squared error. The L1 penalty is on the code, summed over units. "
    "All are trained by Adam, each at the same learning rates with each seed. The zeros "
    "in the code are counted on the probe batch after training.",
    not_shown="Deeper auto-encoders, and noise that is drawn anew in each epoch: here "
    "each image misses the same pixels throughout. The exact zeros of the criteria "
    "include those of dead units, about half of them in ReLU codes; the table tells them "
    "apart. The criteria were fixed before training but for the penalties: after a first "
    "look, which went up to 0.001, the range was widened to 0.003, and the penalty at "
    "which codes are compared raised from 0.0003 to 0.001.",
    trials=dict.fromkeys(GRIDS, list),
    claims=CLAIMS,
    figures=FIGURES,
    tables=TABLES,
    grids=GRIDS,
)
