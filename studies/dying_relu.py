"""What kills ReLU units, do they stay dead, and do leaky variants live where ReLU dies?"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.claims import Claim
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.rules import AtMost, Difference, Within
from keras_rectifiers.comparison.statistics import measured, paired_outcomes, where
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study, Trial
from keras_rectifiers.comparison.tuning import TUNING_SEEDS
from studies import convergence

LEAKY = ("leaky_relu", "leaky_relu_0.1", "very_leaky_relu", "prelu", "rrelu")
ACTIVATIONS = ("relu", *LEAKY)

# Nets that are trained at rates from Adam's default on.
NET = {
    "architecture": "mlp",
    "depth": 6,
    "width": 32,
    "initializer": "gain",
    "optimizer": "adam",
    "batch_size": 32,
}
SMALL_RATE = 1e-3
RATES = (SMALL_RATE, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
LARGE_RATES = (3e-2, 0.1)
BIASES = (0.0, -0.25, -0.5, -1.0, -2.0)
LARGE_BIAS = -1.0

# Nets of 10 layers, the last of which has no ReLU, of 2 units each, as they are born.
BORN = {"architecture": "mlp", "depth": 9, "width": 2, "initializer": "he", "epochs": 0}
BORN_DEAD = 1 - (1 - 2**-2) ** 9
ONE, MANY = 1, 256
NUM_BORN = 1000

# So much of all units has to die before it matters.
MATTERS = 0.10
GROWS = 0.05
# The leaky variants are judged at the least rate that kills so many.
KILLS = 0.30
NUM_PILOTS = 3
POINTS = 0.05
# Born dead: the share may differ by so much from the formula.
MARGIN = 0.03
# A quarter more epochs is what we call slower.
SLOWER = float(np.log2(1.25))


# The trials ---------------------------------------------------------------------------


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    trained = {**NET, "epochs": epochs}
    by_rate = [
        Trial(**trained, activation=activation, learning_rate=rate, seed=seed)
        for activation in ACTIVATIONS
        for rate in RATES
        for seed in seeds
    ]
    # They choose the rate at which the leaky variants are judged, and report nothing.
    pilots = [
        Trial(**trained, learning_rate=rate, seed=TUNING_SEEDS + i)
        for rate in RATES
        for i in range(NUM_PILOTS)
    ]
    by_bias = [
        Trial(**trained, learning_rate=SMALL_RATE, bias=bias, seed=seed)
        for bias in BIASES[1:]
        for seed in seeds
    ]
    born = [
        Trial(**BORN, probe_size=size, seed=seed)
        for size in (ONE, MANY)
        for seed in range(NUM_BORN)
    ]
    return by_rate + pilots + by_bias + born


TRIALS = {
    "quick": partial(_trials, seeds=range(30), epochs=8),
    "standard": partial(_trials, seeds=range(50), epochs=30),
    "full": partial(_trials, seeds=range(50), epochs=100),
}


# The claims ---------------------------------------------------------------------------


def _dead(tables: Tables) -> pd.DataFrame:
    """Share of dead units of each trained net and epoch, over its layers."""
    rows = where(measured(tables, "dead_units"), **NET)
    rows = rows[rows["epochs"] > 0]
    means = rows.groupby(["key", "epoch"])["value"].mean(skipna=False)
    trials = tables.trials.drop(columns="epochs", errors="ignore")
    frame = means.reset_index().merge(trials, on="key", how="left")
    last = frame.groupby("key")["epoch"].transform("max")
    return frame.assign(
        is_last=frame["epoch"] == last, is_pilot=frame["seed"] >= TUNING_SEEDS
    )


def _by_seed(rows: pd.DataFrame) -> pd.Series:
    return rows.set_index("seed")["value"].sort_index()


def _rise(dead: pd.DataFrame, **settings) -> pd.Series:
    """By how much a net has more dead units at its end than it was born with."""
    rows = where(dead, **settings)
    return _by_seed(rows[rows["is_last"]]) - _by_seed(where(rows, epoch=0))


def _dead_by_rate(tables: Tables) -> dict[str, pd.Series]:
    dead = where(_dead(tables), activation="relu", bias=0.0, is_pilot=False)
    spared = _rise(dead, learning_rate=SMALL_RATE)
    return {
        f"Adam, rate {rate:g} against {SMALL_RATE:g}": _rise(dead, learning_rate=rate)
        - spared
        for rate in LARGE_RATES
    }


def _spared(tables: Tables) -> dict[str, pd.Series]:
    dead = where(_dead(tables), activation="relu", bias=0.0, is_pilot=False)
    return {f"Adam, rate {SMALL_RATE:g}": _rise(dead, learning_rate=SMALL_RATE)}


def _dead_by_bias(tables: Tables) -> dict[str, pd.Series]:
    dead = where(_dead(tables), activation="relu", learning_rate=SMALL_RATE)
    dead = where(dead, is_pilot=False)
    first, last = where(dead, epoch=0), dead[dead["is_last"]]
    return {
        f"bias −{-LARGE_BIAS:g}, {when}": _by_seed(where(rows, bias=LARGE_BIAS))
        - _by_seed(where(rows, bias=0.0))
        for when, rows in (("before training", first), ("after training", last))
    }


def _dead_grow(tables: Tables) -> dict[str, pd.Series]:
    dead = where(_dead(tables), activation="relu", bias=0.0, is_pilot=False)
    dead = where(dead, learning_rate=list(LARGE_RATES))
    return {
        f"Adam, rate {rate:g}": _by_seed(rows[rows["is_last"]])
        - _by_seed(where(rows, epoch=1))
        for rate in LARGE_RATES
        for rows in [where(dead, learning_rate=rate)]
    }


def _killing_rate(tables: Tables) -> float:
    """The least rate that kills enough of the pilots' units.

    NaN if none does, or if a pilot below it is lost or missing: it may have been one.
    """
    dead = where(_dead(tables), activation="relu", bias=0.0, is_pilot=True)
    for rate in RATES:
        rises = _rise(dead, learning_rate=rate).dropna()
        if len(rises) < NUM_PILOTS:
            break
        if rises.mean() >= KILLS:
            return rate
    return float("nan")


def _leaky_lives(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **NET, bias=0.0)
    trials = where(trials, learning_rate=_killing_rate(tables))
    trials = trials[trials["seed"] < TUNING_SEEDS]
    return {
        name: paired_outcomes(trials, "test_accuracy", name, "relu") for name in LEAKY
    }


def _leaky_faster(tables: Tables) -> dict[str, pd.DataFrame]:
    return {"leaky_relu": convergence.doublings(tables, "relu", "leaky_relu")}


def _born_dead(tables: Tables, probe_size: int) -> pd.Series:
    """1 for each net that is dead, because a layer of it is silent, else 0."""
    rows = where(measured(tables, "silent_units"), **BORN, probe_size=probe_size)
    most = rows.groupby("seed")["value"].max(skipna=False)
    return (most == 1).astype(float).where(most.notna())


def _as_predicted(tables: Tables) -> dict[str, pd.Series]:
    return {"one example": _born_dead(tables, ONE)}


def _bounded(tables: Tables) -> dict[str, pd.Series]:
    return {f"{MANY} examples": _born_dead(tables, MANY)}


def _units(than: str) -> Callable[[float], str]:
    def in_words(share: float) -> str:
        side = "more" if share >= 0 else "less"
        return f"{abs(share):.1%} of all units {side} are dead than {than}"

    return in_words


_SHARE_BORN_DEAD = {
    "quantity": "share born dead",
    "in_words": lambda share: f"{share:.1%} of the nets are constant from the start",
    "is_share": True,
}

CLAIMS = (
    Claim(
        id="dead-by-rate",
        statement="A large learning rate kills ReLU units.",
        source="the rectification chapter, the encyclopaedia article, the ReLU tutorial",
        criterion="MLPs of 6 layers of 32 units: the rise of dead_units over the fresh "
        f"net, by the end of training, is larger by {MATTERS:g} at least than at Adam's "
        "default rate. Paired by seed.",
        rule=Difference(smallest_effect=MATTERS),
        effects=_dead_by_rate,
        quantity="rise of the share of dead units, less that at the default rate",
        in_words=_units(
            "after training at the default rate, counted from the fresh nets on"
        ),
    ),
    Claim(
        id="small-rate-spares",
        statement="A smaller learning rate spares them.",
        source="the rectification chapter, the encyclopaedia article, the ReLU tutorial",
        criterion="The same nets at Adam's default rate: the whole interval of the rise "
        f"of dead_units at or below {MATTERS:g}.",
        rule=AtMost(threshold=MATTERS),
        effects=_spared,
        quantity="rise of the share of dead units",
        in_words=_units("in the fresh net"),
    ),
    Claim(
        id="dead-by-bias",
        statement="A large negative bias kills ReLU units.",
        source="the ReLU tutorial",
        criterion=f"The same nets with all hidden biases at −{-LARGE_BIAS:g} at first, "
        f"against 0: dead_units larger by {MATTERS:g} at least. Paired by seed.",
        rule=Difference(smallest_effect=MATTERS),
        effects=_dead_by_bias,
        quantity="share of dead units, less that from a bias of 0",
        in_words=_units("in nets from a bias of 0"),
    ),
    Claim(
        id="dead-grow",
        statement="Dead units grow in number with time.",
        source="the ReLU tutorial",
        criterion="The same nets at rates that kill: dead_units after the last epoch "
        f"larger by {GROWS:g} at least than after the first. Paired by seed.",
        rule=Difference(smallest_effect=GROWS),
        effects=_dead_grow,
        quantity="share of dead units at the end, less that after the first epoch",
        in_words=_units("after the first epoch"),
    ),
    Claim(
        id="leaky-lives",
        statement="Leaky variants train where ReLU dies.",
        source="the rectification chapter, the encyclopaedia article, the overview and "
        "both tutorials",
        criterion=f"At the least rate of {', '.join(f'{r:g}' for r in RATES)} at which "
        f"ReLU nets of three other seeds lose {KILLS:.0%} of their units: test accuracy "
        f"ahead of ReLU's by {POINTS:g} at least. Paired by seed. A net that diverged "
        "has no value.",
        rule=Difference(smallest_effect=POINTS),
        effects=_leaky_lives,
        quantity="lead in test accuracy",
        in_words=lambda d: (
            f"{abs(d) * 100:.1f} points {'ahead of' if d >= 0 else 'behind'} ReLU"
        ),
    ),
    Claim(
        id="leaky-faster",
        statement="Constant zero gradients make ReLU slower than a leaky variant.",
        source="the overview and the gentle introduction",
        criterion="MLPs of 6 layers of 32 units, Adam, batches of 128, each net at its "
        "own best rate (see the study of convergence): ReLU takes at least a quarter "
        f"more epochs to a training loss of {convergence.THRESHOLD:g} nats. Paired by "
        "seed; a net that never gets there is censored.",
        rule=Difference(smallest_effect=SLOWER),
        effects=_leaky_faster,
        quantity="epochs of ReLU over those of leaky_relu",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"ReLU takes {convergence.times(value)}",
    ),
    Claim(
        id="born-dead",
        statement="A deep narrow ReLU net is born dead with the probability "
        "1 − (1 − 2^−N)^(L−1).",
        source="Lu 2019",
        criterion="Nets of L = 10 layers of N = 2 units, zero bias, one fixed example: "
        f"the whole (Wilson) interval of the share of {NUM_BORN:,} nets in which a layer "
        f"is silent within ±{MARGIN:g} of the formula's {BORN_DEAD:.3f}.",
        rule=Within(lower=BORN_DEAD - MARGIN, upper=BORN_DEAD + MARGIN),
        effects=_as_predicted,
        **_SHARE_BORN_DEAD,
        published="Lu 2019: over 90% of 1,000 nets of 10 layers of 2 units.",
    ),
    Claim(
        id="born-dead-bound",
        statement="For inputs of both signs the formula is an upper bound.",
        source="Lu 2019",
        criterion=f"The same nets on {MANY} examples: the whole interval of the share "
        f"that is silent for all of them at or below {BORN_DEAD:.3f}.",
        rule=AtMost(threshold=BORN_DEAD),
        effects=_bounded,
        **_SHARE_BORN_DEAD,
    ),
)


# The figures --------------------------------------------------------------------------


def _dead_against_rate(tables: Tables):
    dead = where(_dead(tables), bias=0.0, is_pilot=False, activation="relu")
    rows = dead[dead["is_last"] | (dead["epoch"] == 0)]
    when = np.where(rows["epoch"] == 0, "before training", "after training")
    kinds = ["before training", "after training"]
    return figures.lines_against(
        rows.assign(when=pd.Categorical(when, kinds, ordered=True)),
        "learning_rate",
        xlabel="learning rate (Adam)",
        ylabel="share of dead units",
        column="when",
        log_x=True,
    )


def _dead_over_time(tables: Tables):
    dead = where(_dead(tables), bias=0.0, is_pilot=False, activation="relu")
    dead = where(dead, learning_rate=list(RATES[2:5])).sort_values("learning_rate")
    return figures.lines_against(
        dead.assign(rate=dead["learning_rate"].map("rate {:g}".format)),
        "epoch",
        xlabel="epoch (0 is before training)",
        ylabel="share of dead units",
        column="rate",
    )


def _accuracy_against_rate(tables: Tables):
    trials = where(tables.trials, **NET, bias=0.0)
    trials = where(trials, activation=list(ACTIVATIONS), learning_rate=list(RATES))
    trials = trials[(trials["seed"] < TUNING_SEEDS) & (trials["epochs"] > 0)]
    value = trials["test_accuracy"].where(~trials["diverged"].astype(bool))
    return figures.lines_against(
        trials.assign(value=value, panel="MLP of 6 layers"),
        "learning_rate",
        xlabel="learning rate (Adam)",
        ylabel="test accuracy",
        column="panel",
        log_x=True,
    )


def _dead_against_bias(tables: Tables):
    dead = where(_dead(tables), activation="relu", learning_rate=SMALL_RATE)
    rows = where(dead, is_pilot=False)
    rows = rows[rows["is_last"] | (rows["epoch"] == 0)]
    when = np.where(rows["epoch"] == 0, "before training", "after training")
    kinds = ["before training", "after training"]
    return figures.lines_against(
        rows.assign(when=pd.Categorical(when, kinds, ordered=True)),
        "bias",
        xlabel="initial bias of the hidden layers",
        ylabel="share of dead units",
        column="when",
    )


FIGURES: Sequence[StudyFigure] = (
    StudyFigure(
        name="rate",
        title="Dead ReLU units against the learning rate",
        caption="The share of units whose derivative is 0 for every example of the fixed "
        "batch, before and after training. Healthy nets have some from the start. Dots "
        "are estimates over seeds, vertical strokes their 95% intervals.",
        draw=_dead_against_rate,
    ),
    StudyFigure(
        name="time",
        title="Dead ReLU units through training",
        caption="At three learning rates. A line that falls means that units have come "
        "back to life.",
        draw=_dead_over_time,
    ),
    StudyFigure(
        name="leaky",
        title="Accuracy of ReLU and its leaky variants against the learning rate",
        caption="Where ReLU falls and the others do not, its dead units are to blame; "
        "where all fall together, the rate is too large for any of them.",
        draw=_accuracy_against_rate,
    ),
    StudyFigure(
        name="bias",
        title="Dead ReLU units against the initial bias",
        caption="All hidden biases start at the value shown; Adam at its default rate.",
        draw=_dead_against_bias,
    ),
)


STUDY = Study(
    name="dying_relu",
    title="Dying ReLU",
    question="What kills ReLU units, do they come back, and do leaky variants live where "
    "ReLU dies?",
    method="Fully connected nets of 6 layers of 32 units are trained on digits by Adam, "
    "with batches of 32 and at rates from its default to 300 times that, and the share "
    "of units without a gradient is counted after every epoch on a fixed batch. ReLU "
    "nets are also started from negative biases. Narrow deep nets are looked at as they "
    "are born.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
    tunings=convergence.TUNINGS,
)
