"""How does a small net of rectifiers fit a curve?

`sigmoid` answers by formulas for two units, `fitting` by trained nets.
"""

from keras_rectifiers.comparison.trials.study import Study
from studies.approximation import fitting, sigmoid
from studies.approximation.fitting import GRIDS
from studies.approximation.sigmoid import FAR

STUDY = Study(
    name="approximation",
    title="Approximation of a curve",
    question="How does a small net of rectifiers fit a curve, and how many units does "
    "it take?",
    method="The chapter's example: a net of one input, one hidden layer and one linear "
    "output fits noisy samples of a smooth curve. As the chapter's own points are not "
    "given, they are 100 points on a period of a sine wave from −1 to 1, with noise of "
    "standard deviation 0.1; a tenth of them is the validation split, and the test "
    "split is the curve without noise. All weights start uniform within ±2.5. Each step "
    "is on one example. The first 30 rounds take points at random, the next 600 take "
    "them in order, and the rate is multiplied by 0.995 after each of these. "
    "The nets are measured every 30 rounds, which count as an epoch.",
    not_shown="Other curves, and what a net could represent rather than what this "
    "training finds: with more rounds all the fits would be better, the sigmoid's most. "
    "Along the epochs the claims are judged by the noisy points of the validation split, "
    "not by the curve without noise. The criteria were fixed before training but for "
    f"two things: after a first look the range of rates was widened, and the bound of "
    f"{FAR:g} was chosen for the difference from the sigmoid.",
    trials=dict.fromkeys(GRIDS, list),
    claims=(
        *sigmoid.CLAIMS,
        *fitting.CLAIMS,
    ),
    figures=(
        *sigmoid.FIGURES,
        *fitting.FIGURES,
    ),
    key_figure="fits",
    grids=GRIDS,
)
