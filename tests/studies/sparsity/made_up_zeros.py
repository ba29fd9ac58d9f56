"""The study with all penalties, and what is 0 in its nets, as told."""

import dataclasses
from collections.abc import Mapping

from studies import sparsity
from studies.sparsity import at_random
from studies.sparsity import trained as after_training
from tests.studies.made_up_studies import Measures

STUDY = dataclasses.replace(
    sparsity.STUDY,
    trials={
        "quick": lambda: [
            *at_random.trials(seeds=range(10)),
            *after_training.trials(
                seeds=range(10), epochs=5, penalties=after_training.ALL_PENALTIES
            ),
        ]
    },
)


SHARES = {"relu": 0.5, "sigmoid": 0.0, "tanh": 0.0, "smooth_relu": 0.0}


def zeros(
    shares: Mapping[str, float],
    trained: float | Mapping[float, float] = 0.6,
    weights: float = 0.0,
) -> Measures:
    """Zeros before training by activation, after it by the weight of the penalty."""

    def measures(trial, epoch, layer):
        after = trained if isinstance(trained, float) else trained[trial.activity_l1]
        share = after if epoch else shares[trial.activation]
        name = "sparsity" if trial.activation == "relu" else "exact_zeros_by_underflow"
        # Layers scatter, their mean does not.
        offset = 0.1 * share * (layer - (trial.depth - 1) / 2) / trial.depth
        return {
            name: share + offset + 1e-5 * (trial.seed % 10) * (1 + trial.activity_l1),
            "zero_pre_activations": 0.0,
            "zero_weights": weights * (1 + 0.01 * (trial.seed % 10)) * (epoch > 0),
        }

    return measures
