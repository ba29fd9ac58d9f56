"""What do activations cost, alone and in training, and which net is trained soonest?"""

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.timing_plan import (
    BACKWARD,
    FORWARD,
    STEP,
    TimingPlan,
)
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.properties import Property
from studies import convergence, sources

SHAPES = {"dense": (1024, 1024), "convolution": (64, 28, 28, 32)}
NETS = {
    "MLP": Trial(**convergence.NET),
    "CNN": Trial(architecture="cnn", depth=2, width=32, batch_size=128),
}
# Each is compiled for each net, which takes seconds.
IN_NETS = ("relu", "elu", "smooth_relu", "gelu", "sigmoid", "tanh")
ALONE = (*IN_NETS, "leaky_relu", "prelu", "rrelu")

SLOWER = ("sigmoid", "tanh")
MODES = ("graph", "XLA")
# It is timed only where it is installed.
MODE_IF_THERE = "JAX"

# A tenth more time is the smallest effect of interest, in doublings.
TENTH = float(np.log2(1.10))


# What is timed ------------------------------------------------------------------------

_EVERY = tuple(name for name, entry in CATALOGUE.items() if entry.elementwise)

TIMINGS = {
    "quick": TimingPlan(
        activations=ALONE, shapes=SHAPES, net_activations=IN_NETS, nets=NETS
    )
} | dict.fromkeys(
    ("standard", "full"),
    TimingPlan(
        activations=_EVERY,
        shapes=SHAPES,
        net_activations=_EVERY,
        nets=NETS,
        num_rounds=50,
    ),
)


# The claims ---------------------------------------------------------------------------


def relative_to_relu(timings: pd.DataFrame) -> pd.DataFrame:
    """Adds to each time its ratio to that of ReLU in the same round, as `ratio`."""
    same = ["mode", "part", "work", "round"]
    relu = where(timings, activation="relu").set_index(same)["milliseconds"]
    rows = timings.join(relu.rename("relu"), on=same)
    return rows.assign(ratio=rows["milliseconds"] / rows["relu"])


def doublings(tables: Tables, activation: str, **case: str) -> pd.Series:
    """log2 of the ratio of the times of an activation and of ReLU, for each round.

    Args:
        tables: tables with timings.
        activation: the other activation.
        **case: the mode, the part and the work.

    Returns:
        Indexed by the number of the round, named `seed`; empty if it was not timed.
    """
    rows = relative_to_relu(where(tables.timings, **case))
    ratios = where(rows, activation=activation).set_index("round")["ratio"].dropna()
    return np.log2(ratios.rename_axis("seed").sort_index())


def _kinds() -> Iterator[tuple[str, str]]:
    yield from itertools.product(SHAPES, (FORWARD, BACKWARD))
    yield from ((net, STEP) for net in NETS)


def _modes(tables: Tables) -> tuple[str, ...]:
    is_there = MODE_IF_THERE in set(tables.timings["mode"])
    return (*MODES, MODE_IF_THERE) if is_there else MODES


def _costlier(tables: Tables) -> dict[str, pd.Series]:
    return {
        f"{activation}, {part}, {work}, {mode}": doublings(
            tables, activation, part=part, work=work, mode=mode
        )
        for part, work in _kinds()
        for mode in _modes(tables)
        for activation in SLOWER
    }


def _time_needed(tables: Tables) -> dict[str, pd.DataFrame]:
    """log2 of the ratio of the times of tanh and of ReLU to the threshold, by seed.

    The epochs of a seed, times the time of a step in one round: another round for each
    seed, so that the interval includes the chance in both.
    """
    epochs = convergence.doublings(tables, "tanh", "relu").astype(float)
    cases = {}
    for mode in _modes(tables):
        steps = doublings(tables, "tanh", part="MLP", work=STEP, mode=mode)
        found = epochs.iloc[: len(epochs) if len(steps) else 0]
        own = np.resize(steps.to_numpy(float), len(found))
        cases[f"MLP, Adam, {mode}"] = found.add(own, axis=0)
    return cases


def _one_reaches(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: convergence.one_reaches(r) for case, r in _time_needed(tables).items()
    }


def _both_reach(tables: Tables) -> dict[str, pd.Series]:
    return {case: convergence.both_reach(r) for case, r in _time_needed(tables).items()}


def _times(doublings: float) -> str:
    return f"{2**doublings:.2f} times the time of ReLU"


CLAIMS = (
    Claim(
        id="cheap",
        statement="ReLU is cheaper to compute than sigmoid and tanh.",
        sources=(
            sources.ARTICLE.at(sources.ADVANTAGES),
            sources.INTRODUCTION,
            sources.TUTORIAL,
        ),
        nets={
            "dense": "arrays of 1,024 × 1,024",
            "convolution": "images of 64 × 28 × 28 × 32",
            "MLP": "MLPs of 6 layers",
            "CNN": "CNNs of 2 layers",
        },
        data="random numbers",
        criterion="The time of sigmoid or tanh is at least 1.10 times that of ReLU: the "
        f"whole interval of log2 of the ratio is at or above {TENTH:.2f}. Timed alone "
        "(the forward pass in inference; forward and backward in training) and as a "
        "whole training step of a net, in a graph of TensorFlow, under XLA and, where "
        "it is installed, on JAX. Paired by rounds, in each of which every activation is "
        "timed once, in random order.",
        rule=AtLeast(threshold=TENTH),
        effects=_costlier,
        quantity="ratio of the time of the activation to that of ReLU",
        repeated_by="round",
        unit="doublings",
        digits=2,
        in_words=_times,
    ),
    Claim(
        id="trains-cheaper",
        statement="ReLU takes less time to train than tanh.",
        sources=(sources.TUTORIAL,),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=convergence.ONE_REACHES, holds=_one_reaches),
        comparable_if=Precondition(text=convergence.BOTH_REACH, holds=_both_reach),
        criterion="The time to a training loss of "
        f"{convergence.THRESHOLD:g} nats is the number of epochs of the study of "
        "convergence times the time of a training step of the same net. For tanh it is "
        "longer, and the estimate is at least 1.10 times that of ReLU. Each seed has "
        "the time of another round. A net that never reaches the loss counts as "
        "censored.",
        rule=Difference(smallest_effect=TENTH),
        effects=_time_needed,
        quantity="ratio of the training time of tanh to that of ReLU",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"tanh takes {_times(value)}",
    ),
)


# The property -------------------------------------------------------------------------


def _times_alone(tables: Tables) -> dict[str, pd.Series]:
    case = {"part": "dense", "work": BACKWARD, "mode": "graph"}
    return {name: doublings(tables, name, **case) for name in _EVERY if name != "relu"}


PROPERTIES = (
    Property(
        name="time",
        title="Time alone",
        nets="arrays of 1,024 × 1,024",
        explanation="The time of the forward and the backward pass of the activation "
        "alone, in a graph of TensorFlow, relative to that of ReLU. Whether it matters "
        "depends on the net: it is a small part of the time of a training step.",
        values=_times_alone,
        by_definition={"relu": 0.0},
        shown=lambda doublings: f"{2**doublings:.2f}×",
        claim="cheap",
    ),
)


# The figures --------------------------------------------------------------------------


def _ratios(part: str):
    def draw(tables: Tables):
        rows = relative_to_relu(where(tables.timings, part=part))
        return _draw(rows, column="work")

    return draw


def _steps(tables: Tables):
    return _draw(relative_to_relu(where(tables.timings, work=STEP)), column="part")


def _draw(rows: pd.DataFrame, *, column: str):
    return figures.dots(
        rows.rename(columns={"ratio": "value"}),
        xlabel="time relative to ReLU",
        column=column,
        row="mode",
        log_x=True,
    )


_CAPTION = (
    "Dots are estimates over rounds, lines their 95% intervals. ReLU is at 1. The scale "
    "is logarithmic."
)

FIGURES = (
    StudyFigure(
        name="dense",
        title="Time of an activation alone, dense",
        caption=f"For 1,024 examples of 1,024 units. {_CAPTION}",
        claims=("cheap",),
        draw=_ratios("dense"),
    ),
    StudyFigure(
        name="convolution",
        title="Time of an activation alone, convolution",
        caption=f"For 64 images of 28 × 28 positions and 32 channels. {_CAPTION}",
        claims=("cheap",),
        draw=_ratios("convolution"),
    ),
    StudyFigure(
        name="steps",
        title="Time of a whole training step",
        caption=f"An MLP of 6 × 32 and a CNN of 2 × 32, batches of 128. {_CAPTION}",
        claims=("cheap", "trains-cheaper"),
        draw=_steps,
    ),
)


STUDY = Study(
    name="cost",
    title="Cost",
    question="Is ReLU cheaper to compute than sigmoid and tanh, and is a net with it "
    "trained in less time?",
    method="Activations are timed alone, on random numbers in float32, and in whole "
    "training steps of nets, on each backend in a process of its own while no net is "
    "trained. What is compared is timed in rounds, in each of which every activation is "
    "timed once, in random order: what slows the machine down for a while slows down "
    "all of them. One part of the work is timed after the other: forward alone, forward "
    "and backward, and whole steps, of each shape and net, in each mode. The times are in timings.csv, "
    "with the load by other programs. The time to a training loss is computed from "
    "the nets of the study of convergence, which are trained together and are not "
    "timed themselves.",
    not_shown="Other machines, batch sizes and shapes, and GPUs, may rank the "
    "activations differently; the intervals are over rounds on one machine, in one "
    "process. A step of a small net is mostly overhead, which is the same for all "
    "activations.",
    trials=dict.fromkeys(convergence.GRIDS, list),
    claims=CLAIMS,
    figures=FIGURES,
    properties=PROPERTIES,
    grids=convergence.GRIDS,
    timings=TIMINGS,
)
