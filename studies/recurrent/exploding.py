"""Whether gradients explode on their way back through time."""

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import minus, where, with_trials
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.recurrent.nets import ADDING, NETS_IN_WORDS, RATES, TASKS, as_series, named

# From here on the gradient has exploded on its way through time.
EXPLODED = 100.0
# On fewer steps that takes a factor of more than 1.27 a step.
LONG = 20
# Half of the nets.
MANY = 0.5


# The claims ---------------------------------------------------------------------------


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
        ratio = (wide.iloc[:, 0] / last).groupby("key", observed=True).max()
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


CLAIMS = (
    Claim(
        id="irnn-explodes",
        statement="The gradients of a recurrent net with ReLU explode.",
        sources=(sources.INTRODUCTION.at(sources.TIPS), sources.LE.at("section 2")),
        nets=NETS_IN_WORDS,
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
)


# The figures --------------------------------------------------------------------------


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


def _number_exploded(tables: Tables):
    rows = exploded(tables)
    return figures.cells(
        as_series(rows, value=rows["exploded"]),
        "learning_rate",
        panel="task",
        xlabel="learning rate",
        write=lambda values: f"{values.sum():.0f} of {len(values)}",
        scale=Normalize(0, 1),
    )


def _most_exploded(tables: Tables) -> str:
    rows = exploded(tables)
    num_all, num = len(rows), int(rows["exploded"].sum())
    if not num:
        return f"No gradient exploded in any of the {num_all:,} trainings."
    names = ["net", "task", "learning_rate"]
    shares = rows.groupby(names, observed=True)["exploded"].agg(["mean", "sum", "size"])
    net, task, rate = shares["mean"].idxmax()
    most = shares.loc[(net, task, rate)]
    return (
        f"The gradient exploded in {num:,} of {num_all:,} trainings, most often of {net} "
        f"({task}, rate {rate:g}): in {most['sum']:.0f} of {most['size']:.0f}."
    )


FIGURES = (
    StudyFigure(
        name="through-time",
        title="Gradient norms through time, at the longest adding problem",
        caption="From left to right the time steps, from bottom to top the epochs. The "
        "loss is behind the last step: from there the gradient travels to the left. "
        "Empty: no net has a finite gradient there. Each net at its own best rates.",
        claims=("irnn-explodes",),
        draw=_time_pictures,
    ),
    StudyFigure(
        name="exploded",
        title="Nets whose gradient exploded",
        caption="Of all seeds, the nets whose loss became NaN or infinite, or whose "
        f"gradient is more than {EXPLODED:g} times as large at the first time step as at "
        "the last.",
        claims=("irnn-explodes",),
        draw=_number_exploded,
        finding=_most_exploded,
    ),
)
