"""Does the gradient vanish on its way to the input, and do rectifiers preserve it?

`at_random` covers nets before training, which `at_random_figures` draws, `theory` the
predictions for them, `trained` what deep nets learn, `saturation` how their units and
gradients change as they are trained, `pretraining` the gain from pre-training, `variants`
residual and batch-normalised nets, and `optimising` what makes training easy.
"""

from functools import partial

from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies.vanishing_gradients import (
    at_random,
    at_random_figures,
    optimising,
    pretraining,
    saturation,
    theory,
    trained,
    variants,
)


def _quick_trials() -> list[Trial]:
    seeds = range(20)
    return [
        *at_random.trials(seeds=seeds),
        # Convolutions take their time.
        *optimising.trials(seeds=seeds, epochs=5, nets=("MLP",)),
    ]


def _more_trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        *at_random.trials(seeds=seeds),
        *variants.trials(seeds=seeds),
        *theory.trials(),
        *optimising.trials(seeds=seeds, epochs=epochs),
    ]


TRIALS = {
    "quick": _quick_trials,
    "standard": partial(_more_trials, seeds=range(20), epochs=10),
    "full": partial(_more_trials, seeds=range(50), epochs=100),
}

GRIDS = {
    # Convolutions take their time.
    "quick": [
        *trained.grids(seeds=range(20), epochs=6, nets=trained.MLPS),
        *optimising.grids(
            seeds=range(20), epochs=20, activations=optimising.QUICK_SLOPES
        ),
    ],
    "standard": [
        *trained.grids(
            seeds=range(20),
            epochs=10,
            cnn_epochs=6,
            pretraining=pretraining.EPOCHS,
        ),
        *variants.grids(seeds=range(20), epochs=10, nets=trained.MLPS),
        *optimising.grids(seeds=range(20), epochs=40),
    ],
    "full": [
        *trained.grids(seeds=range(50), epochs=60, pretraining=pretraining.EPOCHS),
        # They are drawn, not judged: 20 seeds will do.
        *variants.grids(seeds=range(20), epochs=60),
        *optimising.grids(seeds=range(50), epochs=100),
    ],
}

STUDY = Study(
    name="vanishing_gradients",
    title="Vanishing gradients",
    question="Does the gradient vanish on its way from the loss to the first layer, "
    "and do rectifiers preserve it?",
    method="Nets of up to 30 layers, fully connected and convolutional, are "
    "initialised with each activation, with the activation's own gain and with "
    "Keras's default (sigmoid and tanh at 30 layers also with the He initialisation), "
    "and the gradient is measured at every hidden layer on a fixed probe batch of "
    "training examples. The gradient decay is the slope of the gradient's logarithm "
    "over the layers, in decades per layer; it is negative if the gradient vanishes "
    "towards the input. ReLU, sigmoid and tanh nets of 20 layers of 32 units are also "
    "trained, by Adam and by SGD with batches of 32 (6 epochs in the quick profile, "
    "10 and 60 in the others), each at its own best learning rate, and measured "
    "again. The standard and full profiles add convolutional nets of 8 layers of 4 "
    "channels (by Adam, 6 and 60 epochs) and pre-trained, residual and "
    "batch-normalised MLPs; the full profile also adds batch-normalised CNNs. The "
    "untrained nets are compared with the predictions of theory. The number of epochs "
    "needed by nets from ReLU to the identity is measured as in the study of "
    "convergence.",
    not_shown="Whether nets of other widths, with skip connections on real images, or "
    "trained for longer behave the same. Saturation is judged only in MLPs, "
    "and the derivative at 0 only where a pre-activation of the probe batch "
    "is exactly 0.",
    trials=TRIALS,
    claims=(
        *at_random.CLAIMS,
        *theory.CLAIMS,
        *trained.CLAIMS,
        *saturation.CLAIMS,
        *pretraining.CLAIMS,
        *optimising.CLAIMS,
    ),
    figures=(
        *at_random_figures.FIGURES,
        *theory.FIGURES,
        *saturation.FIGURES,
        *pretraining.FIGURES,
        *variants.FIGURES,
        *optimising.FIGURES,
    ),
    properties=at_random.PROPERTIES,
    grids=GRIDS,
)
