"""Tables of made-up codes."""

from studies.autoencoder import STUDY
from tests.studies.made_up_studies import made_up_tables


def tables_of(zeros, *, dead=lambda trial: 0.0, error=lambda trial: 0.02):
    """Tables of codes with such shares of zeros, and such errors."""

    def measures(trial, epoch, layer):
        name = "sparsity" if trial.activation == "relu" else "exact_zeros_by_underflow"
        # Before training nothing counts.
        return {name: zeros(trial), "dead_units": dead(trial)} if epoch else {name: 1.0}

    return made_up_tables(STUDY, measures, test_loss=error)
