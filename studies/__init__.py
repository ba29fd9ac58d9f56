"""The studies: each measures what is claimed of rectifiers, and reports it."""

from keras_rectifiers.comparison.trial import Study
from studies import sparsity, vanishing_gradients

STUDIES: dict[str, Study] = {
    study.name: study for study in (vanishing_gradients.STUDY, sparsity.STUDY)
}
