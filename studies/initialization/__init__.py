"""How do initialisation, input scale and weight penalties affect ReLU nets?

`starts`, `biases`, `inputs` and `penalties` each answer a part of the question, with
their own trials, claims and figures.
"""

from collections.abc import Mapping
from functools import partial

from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies.initialization import biases, inputs, penalties, starts


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        *starts.trials(seeds=seeds),
        *biases.trials(seeds=seeds, epochs=epochs),
        *inputs.trials(seeds=seeds, epochs=epochs),
        *penalties.trials(seeds=seeds, epochs=epochs),
    ]


def _quick_trials() -> list[Trial]:
    seeds = range(30)
    return [
        *starts.trials(seeds=seeds),
        *biases.trials(seeds=seeds, epochs=8),
        *inputs.trials(seeds=seeds, epochs=5),
        *penalties.trials(seeds=seeds, epochs=5, penalties=(penalties.JUDGED,)),
    ]


TRIALS = {
    "quick": _quick_trials,
    "standard": partial(_trials, seeds=range(30), epochs=20),
    "full": partial(_trials, seeds=range(50), epochs=100),
}

GRIDS: Mapping = {
    # Adam takes as long as SGD, which alone is judged.
    "quick": starts.grids(seeds=range(30), epochs=8, optimizers=("sgd",)),
    "standard": starts.grids(seeds=range(30), epochs=20),
    "full": starts.grids(seeds=range(50), epochs=100),
}

STUDY = Study(
    name="initialization",
    title="Initialisation",
    question="How do the He initialisation, the bounds given in a tutorial, small "
    "biases, the scale of the inputs and weight penalties affect ReLU nets?",
    method="ReLU nets of 30 layers are trained by SGD with the He and the Glorot "
    "(Xavier) initialisation, each at its own best learning rate. Nets of 30 layers "
    "with weights drawn within the bounds of a tutorial are measured before training. "
    "Nets of 6 layers are trained with initial biases of 0 to 1. Nets of 3 layers are "
    "trained by SGD on raw and on scaled inputs, and with L1 and L2 penalties on "
    "their weights. In the standard and full profiles, the deep nets are also trained "
    "by Adam, and the nets of 3 layers with more penalties; in the quick profile this "
    "would take too long.",
    not_shown="Nets with normalised layers or skip connections, which depend less on "
    "their initial weights. Only the nets of 30 layers have tuned learning "
    "rates.",
    trials=TRIALS,
    claims=(*starts.CLAIMS, *biases.CLAIMS, *inputs.CLAIMS, *penalties.CLAIMS),
    figures=(*starts.FIGURES, *biases.FIGURES, *inputs.FIGURES, *penalties.FIGURES),
    grids=GRIDS,
)
