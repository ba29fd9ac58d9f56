"""The studies: each measures what is claimed of rectifiers, and reports it."""

import os

# Before TensorFlow is loaded, below: its notes on the processor are no news to anyone.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from keras_rectifiers.comparison.study import Study
from studies import (
    accuracy,
    convergence,
    dying_relu,
    exploding_gradients,
    initialization,
    learned_slopes,
    sparsity,
    surroundings,
    vanishing_gradients,
    zero_mean,
)

STUDIES: dict[str, Study] = {
    module.STUDY.name: module.STUDY
    for module in (
        vanishing_gradients,
        exploding_gradients,
        sparsity,
        dying_relu,
        initialization,
        zero_mean,
        learned_slopes,
        convergence,
        accuracy,
        surroundings,
    )
}
