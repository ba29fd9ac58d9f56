"""What kills ReLU units, do they stay dead, and do leaky variants live where ReLU dies?

`killing`, `leaky` and `born_dead` have a part of the question each, with its trials,
claims and figures.
"""

from functools import partial

from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies import convergence
from studies.dying_relu import born_dead, killing, leaky


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        *killing.trials(seeds=seeds, epochs=epochs),
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
    question="What kills ReLU units, do they come back, and do leaky variants live where "
    "ReLU dies?",
    method="Fully connected nets of 6 layers of 32 units are trained by Adam, "
    "with batches of 32 and at rates from its default to 300 times that, and the share "
    "of units without a gradient is counted after every epoch on a fixed batch. ReLU "
    "nets are also started from negative biases. Narrow deep nets are looked at as they "
    "are born.",
    trials=TRIALS,
    claims=(*killing.CLAIMS, *leaky.CLAIMS, *born_dead.CLAIMS),
    figures=(*killing.FIGURES, *leaky.FIGURES),
    tunings=convergence.TUNINGS,
)
