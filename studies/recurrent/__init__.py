"""Do recurrent nets with ReLU explode, and does a start from the identity help?

`exploding` has the gradients through time, `learned` what the same `nets` learn.
"""

from keras_rectifiers.comparison.trials.study import Study
from studies.recurrent import exploding, learned
from studies.recurrent.nets import GRIDS

STUDY = Study(
    name="recurrent",
    title="Recurrent nets",
    question="Do the gradients of recurrent nets with ReLU explode, does a start from "
    "the identity help, and does ReLU do inside an LSTM?",
    method="Recurrent nets and LSTMs of 16 units read sequences and predict from their "
    "last state. In the adding problem two of many numbers are marked, and their sum is "
    "to be told; images are read row by row. ReLU nets start as in Keras by default, "
    "with orthogonal weights from state to state, or from the identity as in Le 2015, "
    "with and without gradients clipped to a norm of 1. All are trained by Adam, each "
    "at the same learning rates with each seed. The gradient of each state is measured "
    "before training and after each epoch.",
    not_shown="Longer sequences and larger nets: the papers have 150 steps and more, 100 "
    "units and many more steps of training. The criteria were fixed before training, but "
    "after a first look the adding problem of 10 and 20 steps was given more epochs, as "
    "after 10 the nets were still learning.",
    trials=dict.fromkeys(GRIDS, list),
    claims=(
        *exploding.CLAIMS,
        *learned.CLAIMS,
    ),
    figures=(
        *learned.FIGURES,
        *exploding.FIGURES,
    ),
    grids=GRIDS,
)
