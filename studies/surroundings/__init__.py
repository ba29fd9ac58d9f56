"""How much does an activation matter, and how does the rest of the net change that?

`linear`, `normalisation`, `factors` and `maxout` each answer a part of the question, with
their own nets, claims and figures.
"""

from functools import partial

from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.study import Study
from studies.accuracy.nets import RATES
from studies.surroundings import factors, linear, maxout, normalisation
from studies.surroundings.factors import all_eight
from studies.surroundings.linear import planar
from studies.surroundings.maxout import all_four
from studies.surroundings.normalisation import normalised_or_not

SEEDS = range(20)


TRIALS = {
    "quick": partial(planar, "quick", seeds=SEEDS),
    "standard": partial(planar, "standard", seeds=SEEDS),
    "full": partial(planar, "full", seeds=SEEDS),
}


def _grids(profile: str) -> list[RateGrid]:
    nets = normalised_or_not(profile)
    nets["CNN"] += all_eight(profile)
    return [
        RateGrid(
            title=f"{label} of {trials[0].depth} layers, Adam",
            nets=list(dict.fromkeys(trials)),
            rates=RATES[label],
            seeds=SEEDS,
        )
        for label, trials in (*nets.items(), ("MLP", all_four(profile)))
    ]


# A grid takes minutes: the quick profile goes without.
GRIDS = {profile: _grids(profile) for profile in ("standard", "full")}


STUDY = Study(
    name="surroundings",
    title="The activation and the rest of the net",
    question="How much does an activation matter, and how does that depend on the rest of "
    "the net?",
    method="Fully connected nets of 3 layers of 32 units, with ReLU and with no "
    "activation at all, are trained to classify points in the plane: a disc within a "
    "ring, two spirals, and a checkerboard of 4 by 4 squares (5, 30 and 100 epochs in "
    "the quick, standard and full profiles). The nets of the study of accuracy are "
    "trained with and without batch normalisation, and the CNN also with and without "
    "max pooling. MLPs of 2 layers with maxout or ReLU are trained with and without "
    "dropout. As in the study of accuracy, the best learning rate of each net is found "
    "for each seed. Because this takes long, the quick profile includes only the "
    "checkerboard.",
    not_shown="Whether the results hold in deeper nets. Pooling and normalisation are "
    "tried in one form each, and dropout at one rate.",
    trials=TRIALS,
    claims=(
        *linear.CLAIMS,
        *normalisation.CLAIMS,
        *factors.CLAIMS,
        *maxout.CLAIMS,
    ),
    figures=(
        *linear.FIGURES,
        *normalisation.FIGURES,
        *factors.FIGURES,
        *maxout.FIGURES,
    ),
    grids=GRIDS,
)
