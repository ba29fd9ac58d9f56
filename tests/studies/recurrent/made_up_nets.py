"""Tables of recurrent nets that learn and explode as told."""

from studies.recurrent import STUDY, learned
from studies.recurrent.nets import DEFAULTS, NETS
from tests.studies.made_up_studies import made_up_tables, verdicts

TASK = "adding, 10 steps"


def name_of(trial) -> str:
    """The name of a trial's net."""
    (found,) = (
        name
        for name, settings in NETS.items()
        if all(
            getattr(trial, field) == value
            for field, value in (DEFAULTS | settings).items()
        )
    )
    return found


def tables_of(explained, *, first_gradient=lambda net: 1.0):
    """Tables whose nets explain such shares of the variance, at their best rate.

    Before the first time step the gradient is as given, after the others it is 1.
    """

    def measures(trial, epoch, layer):
        return {
            "signal_gradient": first_gradient(name_of(trial)) if layer == 0 else 1.0
        }

    return made_up_tables(
        STUDY,
        measures,
        test_loss=lambda trial: (
            (1 - explained(name_of(trial)) + 0.001 * trial.seed) * learned.GUESSING
        ),
    )


def judged(tables, claim):
    return verdicts(STUDY, tables, claim)[claim]
