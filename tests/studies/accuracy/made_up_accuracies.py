"""Tables with made-up accuracies of each activation."""

from studies.accuracy import STUDY
from studies.accuracy.nets import RATES
from tests.studies.made_up_studies import made_up_tables


def tables(test, train=None, num_seeds=20):
    """Accuracies of each activation, a little else for each seed and activation."""

    def noisy(levels):
        def value(trial):
            noise = 1e-4 * ((7 * trial.seed + len(trial.activation)) % 11)
            # What is not at the chosen rate must not matter.
            best = min(RATES["MLP" if trial.architecture == "mlp" else "CNN"])
            is_best = trial.learning_rate == best
            return levels.get(trial.activation, 0.9) + noise if is_best else 0.5

        return value

    return made_up_tables(
        STUDY,
        accuracy=noisy(test),
        train_accuracy=noisy(train or {}),
        num_seeds=num_seeds,
    )
