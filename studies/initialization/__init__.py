"""What do the start, the scale of the inputs and penalties on weights do to ReLU nets?

`starts`, `biases` and `scales` have a part of the question each, with its trials, claims
and figures.
"""

from collections.abc import Mapping
from functools import partial

from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies.initialization import biases, scales, starts


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        *starts.trials(seeds=seeds),
        *biases.trials(seeds=seeds, epochs=epochs),
        *scales.trials(seeds=seeds, epochs=epochs),
    ]


def _quick_trials() -> list[Trial]:
    seeds = range(30)
    return [
        *starts.trials(seeds=seeds),
        *biases.trials(seeds=seeds, epochs=8),
        *scales.trials(seeds=seeds, epochs=5, penalties=(scales.JUDGED,)),
    ]


TRIALS = {
    "quick": _quick_trials,
    "standard": partial(_trials, seeds=range(30), epochs=20),
    "full": partial(_trials, seeds=range(50), epochs=100),
}

TUNINGS: Mapping = {
    # Adam takes as long as SGD, which alone is judged.
    "quick": starts.tunings(seeds=range(30), epochs=8, optimizers=("sgd",)),
    "standard": starts.tunings(seeds=range(30), epochs=20),
    "full": starts.tunings(seeds=range(50), epochs=100),
}

STUDY = Study(
    name="initialization",
    title="Initialisation",
    question="What do He's initialisation, the bounds that a tutorial gives, small "
    "biases, the scale of the inputs and penalties on the weights do to ReLU nets?",
    method="ReLU nets of 30 layers are trained by SGD from He's and from "
    "Glorot's (Xavier's) start, each at its own best learning rate. Nets of 30 layers "
    "whose weights are drawn within a tutorial's bounds are measured before training. "
    "Nets of 6 layers are started from biases of 0 to 1. Nets of 3 layers are trained "
    "by SGD on raw and scaled inputs, and with L1 and L2 penalties on their weights. "
    "But for the quick profile, where that would take too long, the deep nets are "
    "trained by Adam as well, and those of 3 layers with more penalties.",
    trials=TRIALS,
    claims=(*starts.CLAIMS, *biases.CLAIMS, *scales.CLAIMS),
    figures=(*starts.FIGURES, *biases.FIGURES, *scales.FIGURES),
    tunings=TUNINGS,
)
