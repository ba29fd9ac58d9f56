"""Which shapes in the plane does a small net of rectifiers learn?

`shapes` shows what the `nets` learn, `rates` at which learning rates they fail.
"""

from keras_rectifiers.comparison.trials.study import Study
from studies.decision_boundary import rates, shapes
from studies.decision_boundary.nets import TRIALS

STUDY = Study(
    name="decision_boundary",
    title="Decision boundaries",
    question="Which shapes in the plane does a small net of rectifiers learn, and how "
    "does it fail if it learns too fast?",
    method="The chapter's example and its exercises: nets of two inputs, 20 hidden units "
    "and one linear output, which says 1 above one half, are trained on the squared "
    "error. There are 500 training points of each shape. All weights start uniform within "
    "±1.5. Each step is on one example, in order, and the rate is multiplied by 0.9999 "
    "after each round. The circle has 300 rounds with leaky ReLU (slope 0.1) and 700 "
    "with ReLU; the other nets have one activation throughout, 200 rounds in the quick "
    "profile and 1000 in the others. The nets are measured every 50 rounds, which count "
    "as an epoch.",
    not_shown="Which activation suits a shape best: all have the same learning rate, "
    "and the quick profile shows few of them. A net with more units would follow the "
    "spiral and the checkerboard further. The criteria were fixed before training, but "
    "the number of points, 500, was chosen after a first look.",
    dataset="digits",
    trials=TRIALS,
    claims=(
        *shapes.CLAIMS,
        *rates.CLAIMS,
    ),
    figures=(
        *shapes.FIGURES,
        *rates.FIGURES,
    ),
)
