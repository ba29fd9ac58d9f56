"""Does ReLU with an L1 penalty give an auto-encoder's code with exact zeros?

`code` has the claims, `images` the pictures that the same `nets` make.
"""

from keras_rectifiers.comparison.trials.study import Study
from studies.autoencoder import code, images
from studies.autoencoder.code import TABLES
from studies.autoencoder.nets import GRIDS

STUDY = Study(
    name="autoencoder",
    title="Auto-encoder",
    question="Do ReLU and an L1 penalty give a code with exact zeros, and what does that "
    "cost the reconstruction?",
    method="Auto-encoders with one layer of 64 units as code and a linear decoder see "
    "digits of which three of ten pixels are missing, and have to tell all pixels; the "
    "loss is the mean squared error. The L1 penalty is on the code, summed over units. "
    "All are trained by Adam, each at the same learning rates with each seed. The zeros "
    "in the code are counted on the probe batch after training.",
    not_shown="Deeper auto-encoders, and noise that is drawn anew in each epoch: here "
    "each image misses the same pixels throughout. The exact zeros of the criteria "
    "include those of dead units, about half of them in ReLU codes; the table tells them "
    "apart. The criteria were fixed before training but for the penalties: after a first "
    "look, which went up to 0.001, the range was widened to 0.003, and the penalty at "
    "which codes are compared raised from 0.0003 to 0.001. "
    "The learning rate 0.03 was added after the sigmoid had chosen the largest rate of "
    "the grid; no verdict changed.",
    trials=dict.fromkeys(GRIDS, list),
    claims=code.CLAIMS,
    figures=(
        *code.FIGURES,
        *images.FIGURES,
    ),
    tables=TABLES,
    grids=GRIDS,
)
