"""Do recurrent nets with ReLU explode, and does a start from the identity help?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    minus,
    paired_outcomes,
    unless_diverged,
    where,
    with_trials,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    Difference,
    Equivalence,
)
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources

# Name -> how a net is built and starts, and the largest norm of its gradient, if any.
# An IRNN is a ReLU net that starts from the identity (Le 2015).
NETS: Mapping[str, Mapping] = {
    "ReLU": {"architecture": "rnn", "activation": "relu"},
    "ReLU clipped": {
        "architecture": "rnn",
        "activation": "relu",
        "global_clipnorm": 1.0,
    },
    "IRNN": {
        "architecture": "rnn",
        "activation": "relu",
        "initializer": "identity",
    },
    "IRNN clipped": {
        "architecture": "rnn",
        "activation": "relu",
        "initializer": "identity",
        "global_clipnorm": 1.0,
    },
    "tanh": {"architecture": "rnn", "activation": "tanh"},
    "LSTM tanh": {"architecture": "lstm", "activation": "tanh"},
    "LSTM ReLU": {"architecture": "lstm", "activation": "relu"},
}
DEFAULTS = {"initializer": "glorot", "global_clipnorm": 0.0}
COMMON = {"width": 16, "optimizer": "adam", "inputs": "raw", "probe_size": 64}
RATES = (3e-3, 1e-2, 3e-2)

# Task -> its data set and the number of its time steps.
TASKS: Mapping[str, Mapping] = {
    **{
        f"adding, {length} steps": {"dataset": f"adding_{length}", "depth": length}
        for length in (10, 20, 40)
    },
    # Images, which are read row by row, are scaled as in the other studies.
    "rows of images": {"dataset": "digits", "depth": 8, "inputs": "standardised"},
}
ROWS = "rows of images"
SIZES = {
    "adding": {"train_size": 1000, "batch_size": 20},
    "rows": {"batch_size": 32},
}

# The mean squared error of guessing the mean of the sum.
GUESSING = 1 / 6
# So much of the variance has to be explained by a net that has learned to add, ...
LEARNED = 0.5
# ... and this is the smallest effect of interest.
SMALLEST_EFFECT = 0.1
# From here on the gradient has exploded on its way through time.
EXPLODED = 100.0
# On fewer steps that takes a factor of more than 1.27 a step.
LONG = 20
# Half of the nets.
MANY = 0.5
# The least share of the variance that is drawn.
LEAST_SHOWN = -0.5


# The trials ---------------------------------------------------------------------------


def _grids(*, tasks: Mapping[str, int], seeds: range) -> list[RateGrid]:
    """The grids of tasks, each trained for so many epochs."""
    return [
        RateGrid(
            title=f"recurrent nets, {task}",
            nets=[
                Trial(**settings, epochs=epochs)
                for settings in map(_settings, [task] * len(NETS), NETS)
            ],
            rates=RATES,
            seeds=seeds,
            score=validation_loss,
            score_name="validation loss",
        )
        for task, epochs in tasks.items()
    ]


def _settings(task: str, net: str) -> dict:
    """The settings of a net on a task, except those of its training."""
    kind = "rows" if task == ROWS else "adding"
    return {**COMMON, **DEFAULTS, **SIZES[kind], **TASKS[task], **NETS[net]}


ADDING = {f"adding, {length} steps": 40 for length in (10, 20, 40)}
GRIDS = {
    "quick": _grids(tasks={"adding, 10 steps": 40, ROWS: 4}, seeds=range(20)),
    "standard": _grids(tasks=ADDING | {ROWS: 10}, seeds=range(20)),
    "full": _grids(
        tasks={task: 3 * epochs for task, epochs in ADDING.items()} | {ROWS: 20},
        seeds=range(50),
    ),
}


# The claims ---------------------------------------------------------------------------


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with the settings of trials, with the names of their task and net."""
    frame = frame.reset_index(drop=True)
    task, net = (pd.Series("", index=frame.index, dtype=object) for _ in range(2))
    for name, settings in TASKS.items():
        is_own = frame["dataset"] == settings["dataset"]
        if name == ROWS:  # on any images
            is_own = ~frame["dataset"].str.startswith("adding")
        task[is_own] = name
    for name, settings in NETS.items():
        rows = where(frame, **{**DEFAULTS, **settings})
        net[rows.index] = name
    kinds = {"task": list(TASKS), "net": list(NETS)}
    columns = {"task": task, "net": net}
    return frame.assign(
        **{
            name: pd.Categorical(column, kinds[name], ordered=True)
            for name, column in columns.items()
        }
    )


def _explained(tables: Tables) -> pd.DataFrame:
    """The nets at their best rates, with the share of the variance that they explain."""
    trials = named(at_best_rate(tables, validation_loss))
    trials = trials[trials["task"] != ROWS]
    share = 1 - trials["test_loss"].astype(float) / GUESSING
    return trials.assign(explained=share)


def _better(a: str, b: str):
    """The variance that one net explains minus that of another, for each length."""

    def effects(tables: Tables) -> dict[str, pd.Series]:
        trials = _explained(tables)
        return {
            task: paired_outcomes(where(trials, task=task), "explained", a, b, by="net")
            for task in ADDING
        }

    return effects


def _learned(a: str, b: str, *, both: bool) -> Precondition:
    """That one of two nets has learned to add, or both."""

    def holds(tables: Tables) -> dict[str, pd.Series]:
        trials = _explained(tables)
        found = {}
        for task in ADDING:
            rows = where(trials, task=task, net=[a, b])
            of_nets = rows.groupby("net", observed=True)["seed"].agg(set)
            seeds = sorted(set().union(*of_nets)) if len(of_nets) == 2 else []
            shares = unless_diverged(rows, "explained").fillna(-np.inf)
            shares = shares.groupby(rows["seed"])
            judged = shares.min() if both else shares.max()
            found[task] = (judged.reindex(seeds) >= LEARNED).rename_axis("seed")
        return found

    text = f"{'each' if both else 'one'} of the nets explains at least {LEARNED:.0%} of the variance"
    return Precondition(text=text, holds=holds)


def _through_time(tables: Tables) -> pd.DataFrame:
    """The gradient norms after each time step, with the names of task and net."""
    rows = tables.measurements
    rows = rows.loc[rows["measure"] == "signal_gradient"]
    return named(with_trials(rows, tables))


def exploded(tables: Tables) -> pd.DataFrame:
    """One row for each trial, with `exploded`: 1 if its gradient exploded, else 0.

    That is, its loss became NaN or infinite, or after some epoch the gradient of the first
    state is more than 100 times that of the last one.
    """
    rows = _through_time(tables)
    rows = rows[rows["epoch"] > 0]
    wide = rows.pivot(index=["key", "epoch"], columns="layer", values="value")
    ratio = pd.Series(dtype=float)
    if len(wide):
        last = wide.ffill(axis=1).iloc[:, -1]
        ratio = (wide.iloc[:, 0] / last).groupby("key").max()
    trials = named(tables.trials)
    is_large = trials["key"].map(ratio).astype(float) > EXPLODED
    is_lost = trials["diverged"].astype(bool)
    return trials.assign(exploded=(is_large | is_lost) * 1.0)


def _only_relu_explodes(tables: Tables) -> dict[str, pd.Series]:
    rows = where(exploded(tables), learning_rate=max(RATES))
    cases = {}
    for task in TASKS:
        by_net = {
            net: where(rows, task=task, net=net).set_index("seed")["exploded"]
            for net in ("ReLU", "IRNN", "tanh")
        }
        for net in ("ReLU", "IRNN"):
            only = minus(by_net[net], by_net["tanh"]).clip(lower=0)
            cases[f"{task}, {net}"] = only
    return cases


def _are_long(tables: Tables) -> dict[str, pd.Series]:
    """Whether the sequences are so long that a gradient can be said to explode on them."""
    trials = named(tables.trials).set_index("seed")
    return {
        f"{task}, {net}": where(trials, task=task, net=net, learning_rate=max(RATES))[
            "depth"
        ]
        >= LONG
        for task in TASKS
        for net in ("ReLU", "IRNN")
    }


_NETS = "recurrent nets of 16 units"
_SHARE = "of the variance of the sum"


def _points(value: float) -> str:
    verb = "more" if value >= 0 else "less"
    return f"{100 * abs(value):.0f} percentage points {verb} {_SHARE} are explained"


CLAIMS = (
    Claim(
        id="irnn-explodes",
        statement="The gradients of a recurrent net with ReLU explode.",
        sources=(sources.INTRODUCTION.at(sources.TIPS), sources.LE.at("section 2")),
        nets=_NETS,
        data="the adding problem, and images read row by row",
        precondition=Precondition(
            text=f"the sequences have at least {LONG} steps, as on shorter ones a "
            f"gradient grows to {EXPLODED:g} times its size only if it grows by more "
            f"than {EXPLODED ** (1 / (LONG - 1)) - 1:.0%} at each step",
            holds=_are_long,
        ),
        criterion="Without clipping, at the highest learning rate, "
        f"{max(RATES):g}: the whole interval of the share of seeds for which the ReLU "
        f"net explodes and the tanh net does not is at or above {MANY:g}. A net explodes "
        "if its loss becomes NaN or infinite, or if after any epoch the gradient of the "
        f"first state is more than {EXPLODED:g} times that of the last one.",
        rule=AtLeast(threshold=MANY),
        effects=_only_relu_explodes,
        quantity="share of seeds for which only the ReLU net explodes",
        digits=2,
        in_words=lambda share: (
            f"only the ReLU net explodes for {share:.0%} of the seeds"
        ),
        is_share=True,
    ),
    Claim(
        id="irnn",
        statement="A recurrent net with ReLU trains if its weights from state to state "
        "start as the identity, and not with the default start.",
        sources=(sources.INTRODUCTION.at(sources.TIPS), sources.LE.at("section 4.1")),
        nets=_NETS,
        data="the adding problem",
        precondition=_learned("IRNN clipped", "ReLU clipped", both=False),
        comparable_if=_learned("IRNN clipped", "ReLU clipped", both=True),
        criterion="Each net at its own best learning rate for each seed, gradients "
        f"clipped to a norm of 1: the share {_SHARE} that is explained on the test split "
        "is larger with the identity than with Keras's default (orthogonal weights), "
        f"by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_better("IRNN clipped", "ReLU clipped"),
        outcomes=("test_loss",),
        quantity=f"share {_SHARE} explained: identity minus default",
        in_words=_points,
    ),
    Claim(
        id="irnn-lstm",
        statement="A recurrent net with ReLU that starts from the identity does as well as "
        "an LSTM.",
        sources=(sources.LE.at("section 4.1"),),
        nets=f"{_NETS} and LSTMs",
        data="the adding problem",
        precondition=_learned("IRNN clipped", "LSTM tanh", both=False),
        comparable_if=_learned("IRNN clipped", "LSTM tanh", both=True),
        criterion="Each net at its own best learning rate for each seed, the ReLU net "
        "from the identity with gradients clipped to a norm of 1: the shares "
        f"{_SHARE} that are explained differ by at most {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Equivalence(margin=SMALLEST_EFFECT),
        effects=_better("IRNN clipped", "LSTM tanh"),
        outcomes=("test_loss",),
        quantity=f"share {_SHARE} explained: ReLU net minus LSTM",
        in_words=_points,
        published="Le 2015: at 150 and 200 steps of the adding problem, recurrent nets "
        "of 100 ReLU units from the identity learn as well as LSTMs of 100 units; tanh "
        "nets do not beat guessing.",
    ),
    Claim(
        id="relu-in-lstm",
        statement="ReLU inside an LSTM needs a careful start: with the default one it "
        "does worse than tanh.",
        sources=(sources.INTRODUCTION.at(sources.TIPS),),
        nets="LSTMs of 16 units",
        data="the adding problem",
        precondition=_learned("LSTM tanh", "LSTM ReLU", both=False),
        comparable_if=_learned("LSTM tanh", "LSTM ReLU", both=True),
        criterion="Each LSTM at its own best learning rate for each seed, with Keras's "
        f"default start: the share {_SHARE} that is explained is larger with tanh "
        f"inside than with ReLU, by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_better("LSTM tanh", "LSTM ReLU"),
        outcomes=("test_loss",),
        quantity=f"share {_SHARE} explained: tanh minus ReLU",
        in_words=_points,
    ),
)


# The figures --------------------------------------------------------------------------


def _as_series(rows: pd.DataFrame, **columns) -> pd.DataFrame:
    """Rows in whose figure each net, and not each activation, is a series."""
    order = pd.Series(rows["net"]).cat.codes
    rows = rows.assign(**columns, activation=rows["net"].astype(str))
    return rows.iloc[np.argsort(order, kind="stable")]


def _by_net(tables: Tables):
    trials = _explained(tables)
    # Of nets that have lost their way, only that they are worse than guessing counts.
    value = unless_diverged(trials, "explained").clip(lower=LEAST_SHOWN)
    return figures.dots(
        _as_series(trials, value=value),
        xlabel="share of the variance explained",
        column="task",
        sort=False,
    )


def _accuracy_by_net(tables: Tables):
    trials = where(named(at_best_rate(tables, validation_loss)), task=ROWS)
    value = unless_diverged(trials, "test_accuracy")
    return figures.dots(
        _as_series(trials, value=value),
        xlabel="test accuracy",
        column="task",
        sort=False,
    )


def _time_pictures(tables: Tables):
    rows = _through_time(tables)
    best = at_best_rate(tables, validation_loss)
    rows = where(rows, key=list(best["key"]))
    tasks = [task for task in ADDING if (rows["task"] == task).any()]
    rows = where(rows, task=tasks[-1:])
    return figures.pictures_by_layer(
        rows.assign(value=np.log10(rows["value"].where(rows["value"] > 0))),
        panel="net",
        xlabel="time step",
        label="log₁₀ of the gradient norm",
    )


def _share_exploded(tables: Tables):
    rows = exploded(tables)
    return figures.shares_against(
        _as_series(rows, value=rows["exploded"]),
        "learning_rate",
        xlabel="learning rate",
        ylabel="share that exploded",
        column="task",
    )


FIGURES = (
    StudyFigure(
        name="explained",
        title="The adding problem",
        caption="0 is guessing the mean, 1 is adding without error. Each net at its own "
        "best rates. Dots are estimates over seeds, lines their 95% intervals; nets "
        "below −0.5 are drawn there.",
        claims=("irnn", "irnn-lstm", "relu-in-lstm"),
        draw=_by_net,
    ),
    StudyFigure(
        name="rows",
        title="Images read row by row",
        caption="Each net at its own best rates. Dots are estimates over seeds, lines "
        "their 95% intervals.",
        draw=_accuracy_by_net,
    ),
    StudyFigure(
        name="through-time",
        title="Gradient norms through time, at the longest adding problem",
        caption="From left to right the time steps, from bottom to top the epochs. The "
        "loss is behind the last step: from there the gradient travels to the left. "
        "White: no net has a finite gradient there. Each net at its own best rates.",
        claims=("irnn-explodes",),
        draw=_time_pictures,
    ),
    StudyFigure(
        name="exploded",
        title="Share of nets whose gradient exploded",
        caption="A net whose loss became NaN or infinite, or whose gradient is more than "
        f"{EXPLODED:g} times as large at the first time step as at the last. Dots are "
        "shares of the seeds, lines their 95% intervals (Wilson).",
        claims=("irnn-explodes",),
        draw=_share_exploded,
    ),
)


STUDY = Study(
    name="recurrent",
    title="Recurrent nets",
    question="Do the gradients of recurrent nets with ReLU explode, does a start from "
    "the identity help, and does ReLU do inside an LSTM?",
    method="Recurrent nets and LSTMs of 16 units read sequences and predict from their "
    "last state. In the adding problem two of many numbers are marked, and their sum is "
    "to be told; images are read row by row. ReLU nets start as in Keras by default, "
    "with orthogonal weights from state to state, or from the identity as in Le 2015, "
    "with and without gradients clipped to a norm of 1. All are trained by Adam, each "
    "at the same learning rates with each seed. The gradient of each state is measured "
    "before training and after each epoch.",
    not_shown="Longer sequences and larger nets: the papers have 150 steps and more, 100 "
    "units and many more steps of training. The criteria were fixed before training, but "
    "after a first look the adding problem of 10 and 20 steps was given more epochs, as "
    "after 10 the nets were still learning.",
    trials=dict.fromkeys(GRIDS, list),
    claims=CLAIMS,
    figures=FIGURES,
    grids=GRIDS,
)
