"""Scores of seeds whose differences are known."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.verdicts.contest import Contest, Metric, judge

ACCURACY = Metric(
    name="accuracy", higher_is_better=True, smallest_effect=0.01, is_share=True
)


def scores_of(
    differences: Mapping[str, float],
    *,
    num_seeds: int = 10,
    spread: float = 0.004,
    between_seeds: float = 0.01,
) -> pd.DataFrame:
    """Scores of about 0.9, plus the difference of each activation."""
    rng = np.random.default_rng(0)
    of_seeds = 0.9 + between_seeds * rng.normal(size=num_seeds)
    return pd.DataFrame(
        [
            {"activation": name, "seed": seed, "value": of_seed + difference + noise}
            for name, difference in differences.items()
            for seed, (of_seed, noise) in enumerate(
                zip(of_seeds, spread * rng.normal(size=num_seeds), strict=True)
            )
        ]
    )


def contest_of(
    differences: Mapping[str, float],
    *,
    reference: str = "relu",
    metric: Metric = ACCURACY,
    **settings,
) -> Contest:
    return judge(
        scores_of(differences, **settings),
        activations=list(differences),
        reference=reference,
        metric=metric,
    )
