"""The claim on rates at which units die, on made-up tables."""

import dataclasses

from studies.decision_boundary import STUDY
from tests.studies.made_up_studies import made_up_tables, verdicts


def test_a_rate_fails_by_dead_units_only_if_both_change():
    too_fast = {0.03: (0.0, 0.0), 0.1: (0.3, 0.0), 0.3: (0.3, 0.3)}

    def changes(trial):
        is_circle = trial.recipe == "shape" and trial.dataset == "circle"
        return (
            too_fast.get(trial.learning_rate, (0.0, 0.0)) if is_circle else (0.9, 0.5)
        )

    def dead(trial, epoch, layer):
        return {"dead_units": (changes(trial)[0] + trial.seed / 1e3) * (epoch > 0)}

    tables = made_up_tables(
        STUDY, dead, accuracy=lambda t: 0.95 - changes(t)[1] - t.seed / 1e3
    )
    assert verdicts(STUDY, tables, "too-fast-dies")["too-fast-dies"] == {
        "dead units, rate 0.03": "contradicted",
        "accuracy, rate 0.03": "contradicted",
        "dead units, rate 0.1": "supported",
        "accuracy, rate 0.1": "contradicted",
        "dead units, rate 0.3": "supported",
        "accuracy, rate 0.3": "supported",
    }


def test_nets_that_diverged_have_not_died():
    def of_dead_units(trial, epoch, layer):
        return {"dead_units": float(trial.learning_rate == 0.3) * (epoch > 0)}

    tables = made_up_tables(
        STUDY,
        of_dead_units,
        accuracy=lambda t: 0.7 if t.learning_rate == 0.3 else 0.9 - t.seed / 1e3,
    )
    trials = tables.trials
    is_lost = (trials["learning_rate"] == 0.3) & (trials["seed"] > 1)
    lost = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    found = verdicts(STUDY, lost, "too-fast-dies")["too-fast-dies"]
    assert found["dead units, rate 0.3"] == "inconclusive"
    assert found["accuracy, rate 0.3"] == "supported"
