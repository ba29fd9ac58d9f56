"""The studies: each measures what is claimed of rectifiers, and reports it."""

import os

# Before TensorFlow is loaded, below: its notes on the processor are no news to anyone.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from keras_rectifiers.comparison.trial import Study
from studies import sparsity, vanishing_gradients

STUDIES: dict[str, Study] = {
    study.name: study for study in (vanishing_gradients.STUDY, sparsity.STUDY)
}
