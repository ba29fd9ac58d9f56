"""Tables of trainings whose scores are known."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.comparing.results import Results, read_results
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.contest import Metric

ACCURACY = Metric(
    name="accuracy", higher_is_better=True, smallest_effect=0.01, is_share=True
)
RATES = (0.01, 0.1, 1.0)
NUM_LAYERS = 3


def tables_of(
    differences: Mapping[str, float],
    *,
    num_seeds: int = 10,
    best_rate: float = 0.1,
    rates=RATES,
    dead: Mapping[str, float] | None = None,
) -> Tables:
    """Accuracies of about 0.9 plus the difference of each activation at its best rate.

    Dead: activation -> the share of dead units after training.
    """
    rng = np.random.default_rng(0)
    of_seeds = 0.9 + 0.01 * rng.normal(size=num_seeds)
    trials, rows = [], []
    for name, difference in differences.items():
        for seed in range(num_seeds):
            for rate in rates:
                key = f"{name}-{seed}-{rate}"
                distance = abs(np.log10(rate / best_rate))
                score = of_seeds[seed] + difference - 0.1 * distance
                score += 0.004 * rng.normal()
                trials.append(
                    {
                        "key": key,
                        "activation": name,
                        "seed": seed,
                        "learning_rate": rate,
                        "schema": 1,
                        "mode": "tensorflow-graph",
                        "reason": "",
                        "diverged": False,
                        "validation_loss": 1 - score,
                        "validation_accuracy": score,
                        "test_accuracy": score,
                    }
                )
                for epoch in range(3):
                    rows += [
                        (key, epoch, pd.NA, "train_loss", 1 / (1 + epoch)),
                        (key, epoch, pd.NA, "validation_accuracy", 0.3 * epoch),
                    ]
                    for layer in range(NUM_LAYERS):
                        share = (dead or {}).get(name, 0.0) * epoch / 2
                        rows += [
                            (key, epoch, layer, "dead_units", share),
                            (key, epoch, layer, "signal_gradient", 0.1 * (1 + layer)),
                            (key, epoch, layer, "activation_std", 1.0),
                        ]
    columns = ["key", "epoch", "layer", "measure", "value"]
    measurements = pd.DataFrame(rows, columns=columns)
    return Tables(
        trials=pd.DataFrame(trials),
        measurements=measurements.astype({"layer": "Int16"}),
        outputs=pd.DataFrame(
            columns=["key", "epoch", "layer", "name", "index", "value"]
        ),
    )


def results_of(
    differences: Mapping[str, float], *, metric=ACCURACY, **settings
) -> Results:
    return read_results(
        tables_of(differences, **settings),
        activations=list(differences),
        reference="relu",
        metric=metric,
    )
