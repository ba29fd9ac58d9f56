"""The study with pre-trained, residual and batch-normalised nets, but no convolutions."""

import dataclasses

from studies import vanishing_gradients
from studies.vanishing_gradients import at_random, pretraining, trained, variants

# With what the quick profile leaves out, but for the convolutions.
PRETRAINED = trained.grids(
    seeds=range(20), epochs=6, nets=trained.MLPS, pretraining=pretraining.EPOCHS
)


WHOLE = dataclasses.replace(
    vanishing_gradients.STUDY,
    trials={
        "quick": lambda: [
            *at_random.trials(seeds=range(10)),
            *variants.trials(seeds=range(10)),
        ]
    },
    grids={"quick": [*PRETRAINED, *variants.grids(seeds=range(10), epochs=6)]},
)


def is_plain(trial):
    return trial.architecture == "mlp" and not trial.batch_normalization
