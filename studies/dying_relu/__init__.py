"""What kills ReLU units, do they stay dead, and do leaky variants survive?

`killing`, `biases`, `recovery`, `leaky` and `born_dead` each answer a part of the
question. The first three are about the same nets, whose dead `units` are counted.
"""

from functools import partial

from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies import convergence
from studies.dying_relu import biases, born_dead, killing, leaky, recovery, units


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        *units.trials(seeds=seeds, epochs=epochs),
        *leaky.trials(seeds=seeds, epochs=epochs),
        *born_dead.trials(),
    ]


TRIALS = {
    "quick": partial(_trials, seeds=range(30), epochs=8),
    "standard": partial(_trials, seeds=range(30), epochs=20),
    "full": partial(_trials, seeds=range(50), epochs=100),
}


STUDY = Study(
    name="dying_relu",
    title="Dying ReLU",
    question="What kills ReLU units, do they recover, and do leaky variants learn "
    "where ReLU dies?",
    method="Fully connected nets of 6 layers of 32 units are trained by Adam, with "
    "batches of 32 and learning rates from Adam's default to 300 times the default. "
    "The share of dead units, which have no gradient, is measured after every epoch "
    "on a fixed probe batch. ReLU nets are also trained with negative initial biases. "
    "Narrow deep nets are measured at initialisation.",
    not_shown="Whether units die in convolutional nets, with SGD, or with normalised "
    "layers. A unit counts as dead if no example of the probe batch activates "
    "it; another example might.",
    trials=TRIALS,
    claims=(
        *killing.CLAIMS,
        *biases.CLAIMS,
        *recovery.CLAIMS,
        *leaky.CLAIMS,
        *born_dead.CLAIMS,
    ),
    figures=(*killing.FIGURES, *recovery.FIGURES, *biases.FIGURES, *leaky.FIGURES),
    properties=killing.PROPERTIES,
    grids=convergence.GRIDS,
)
