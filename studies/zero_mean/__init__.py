"""Are ELU's activations nearer to zero mean, and is it faster and robust to noise?

`trained` answers by trained nets, `noise` by formulas.
"""

from keras_rectifiers.comparison.trials.study import Study
from studies import convergence
from studies.zero_mean import noise, trained
from studies.zero_mean.trained import TRIALS

STUDY = Study(
    name="zero_mean",
    title="Zero mean",
    question="Are the mean activations of ELU nearer to zero than those of ReLU, does "
    "ELU learn faster, and is it robust to noise when deactivated?",
    method="Fully connected nets of 6 layers of 32 units and convolutional nets of 2 "
    "layers of 8 channels are trained by Adam, and mean_shift is measured at every "
    "layer before and after training. The number of epochs that a net needs is "
    "measured as in the study of convergence. The share of noise that an activation "
    "passes on is computed from its formula.",
    not_shown="Whether a mean nearer to zero is why ELU learns faster. The noise is "
    "computed for single units, not for nets.",
    trials=TRIALS,
    claims=(
        *trained.CLAIMS,
        *noise.CLAIMS,
    ),
    figures=(
        *trained.FIGURES,
        *noise.FIGURES,
    ),
    grids=convergence.GRIDS,
)
