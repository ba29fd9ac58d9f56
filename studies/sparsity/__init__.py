"""How sparse are the activations of a rectifier net, before and after training?

`at_random` covers nets before training, `trained` nets after training, `penalties` what an
L1 penalty on their activations does, and `weights` whether their weights are zero too.
`zeros` defines what they measure.
"""

from functools import partial

from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies.sparsity import at_random, penalties, trained, weights


def _trials(*, seeds: range, epochs: int, penalties) -> list[Trial]:
    return at_random.trials(seeds=seeds) + trained.trials(
        seeds=seeds, epochs=epochs, penalties=penalties
    )


TRIALS = {
    "quick": partial(
        _trials, seeds=range(20), epochs=5, penalties=trained.QUICK_PENALTIES
    ),
    "standard": partial(
        _trials, seeds=range(20), epochs=8, penalties=trained.ALL_PENALTIES
    ),
    "full": partial(
        _trials, seeds=range(50), epochs=60, penalties=trained.ALL_PENALTIES
    ),
}


STUDY = Study(
    name="sparsity",
    title="Sparsity",
    question="How many activations of a rectifier net are exactly zero, at random "
    "initialisation and after training, how can their number be increased, and what "
    "does that cost?",
    method="Nets of 2 to 30 layers are initialised at random, and the share of exact "
    "zeros is measured at every hidden layer on a fixed probe batch, for ReLU and for "
    "three functions without a flat zero. ReLU nets, fully connected and "
    "convolutional, are then trained with and without L1 penalties of several weights "
    "on their activations, by Adam at a rate of 0.003 with batches of 32 (5 epochs in "
    "the quick profile, 8 and 60 in the others), and measured again after every "
    "epoch. Each seed gives one net, whose shares are averaged over its layers.",
    not_shown="Whether sparsity helps in larger nets, on harder data, or if it is "
    "brought about in other ways than by an L1 penalty. The learning rate is "
    "not tuned.",
    trials=TRIALS,
    claims=(
        *at_random.CLAIMS,
        *trained.CLAIMS,
        *penalties.CLAIMS,
        *weights.CLAIMS,
    ),
    figures=(*at_random.FIGURES, *trained.FIGURES, *penalties.FIGURES),
    properties=at_random.PROPERTIES,
)
