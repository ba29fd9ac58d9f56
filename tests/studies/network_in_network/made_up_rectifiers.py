"""Tables with made-up accuracies of each rectifier, and slopes of PReLU."""

from studies.network_in_network import STUDY
from studies.network_in_network.nets import RATES
from tests.studies.made_up_studies import made_up_tables

# Twice the smallest difference that matters.
STEP = 0.01
LEVELS = {
    "relu": 0.5,
    "leaky_relu": 0.5 + STEP,
    "very_leaky_relu": 0.5 + 2 * STEP,
    "prelu": 0.5,
    "rrelu": 0.5 + 3 * STEP,
}
TRAIN = dict.fromkeys(LEVELS, 0.7) | {"prelu": 0.8, "rrelu": 0.65}


def tables(test=LEVELS, train=TRAIN, slopes=(0.5, 0.1)):
    """Accuracies of each activation, a little else for each seed and activation."""

    def noisy(levels):
        def value(trial):
            noise = 1e-4 * ((7 * trial.seed + len(trial.activation)) % 11)
            # What is not at the chosen rate must not matter.
            is_best = trial.learning_rate == RATES["standard"][0]
            return levels[trial.activation] + noise if is_best else 0.3

        return value

    def outputs(trial):
        if trial.activation == "prelu":
            is_best = trial.learning_rate == RATES["standard"][0]
            for layer in range(trial.depth):
                slope = slopes[min(layer, 1)] + 1e-3 * (trial.seed % 7)
                yield layer, "negative_slope", 0, slope if is_best else 9.0 * layer

    return made_up_tables(
        STUDY,
        accuracy=noisy(test),
        train_accuracy=noisy(train),
        outputs=outputs,
        num_seeds=20,
    )
