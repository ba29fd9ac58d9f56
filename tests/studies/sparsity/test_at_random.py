"""Sparsity before training, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies.sparsity import at_random
from tests.studies.made_up_studies import made_up_tables, only, verdicts
from tests.studies.sparsity.made_up_zeros import SHARES, STUDY, zeros

NETS = [*(f"MLP, {depth} layers" for depth in at_random.DEPTHS), "CNN, 8 layers"]


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (0.475, "supported"),
        (0.525, "supported"),
        (0.465, "contradicted"),
        (0.535, "contradicted"),
        # The seeds scatter by 0.00005 around the edge.
        (0.47 - 4.5e-5, "inconclusive"),
    ],
)
def test_half_of_the_units_is_a_half_within_3_percentage_points(share, verdict):
    tables = made_up_tables(STUDY, zeros(SHARES | {"relu": share}))
    found = verdicts(STUDY, tables, "half-active")["half-active"]
    assert found == dict.fromkeys(NETS, verdict)


@pytest.mark.parametrize(
    ("relu", "others", "true_zeros", "only_near"),
    [
        (0.3, 0.0, "supported", "supported"),
        (0.2, 0.01, "contradicted", "contradicted"),
        (0.25 - 4.5e-5, 0.001 - 4.5e-5, "inconclusive", "inconclusive"),
    ],
)
def test_true_zeros_are_a_quarter_of_relus_and_a_thousandth_of_others_at_most(
    relu, others, true_zeros, only_near
):
    shares = dict.fromkeys(SHARES, others) | {"relu": relu}
    found = verdicts(
        STUDY, made_up_tables(STUDY, zeros(shares)), "exact-zeros", "no-exact-zeros"
    )
    assert found["exact-zeros"] == {
        "relu, MLP": true_zeros,
        "relu, CNN": true_zeros,
    }
    assert found["no-exact-zeros"] == {
        f"{activation}, {net}": only_near
        for activation in ("sigmoid", "tanh", "smooth_relu")
        for net in ("MLP", "CNN")
    }


def test_what_is_measured_after_training_and_of_other_depths_does_not_count():
    def measures(trial, epoch, layer):
        # Only untrained nets of 10 layers have what is judged.
        is_judged = not trial.epochs and trial.depth in (8, 10)
        return zeros({**SHARES, "relu": 0.5 if is_judged else 0.0}, 0.0)(
            trial, epoch, layer
        )

    # The same nets, also trained.
    untrained = at_random.trials(seeds=range(10))
    trained = [dataclasses.replace(trial, epochs=1) for trial in untrained]
    study = dataclasses.replace(STUDY, trials={"quick": lambda: untrained + trained})
    tables = made_up_tables(study, measures)
    frame = judge(only(study, "half-active", "exact-zeros"), tables)
    found = frame.set_index(["claim", "case"])
    assert found.loc["exact-zeros", "verdict"].to_list() == ["supported"] * 2
    assert set(found["n"]) == {10}
    assert found.loc["half-active", "verdict"].to_dict() == dict(
        zip(
            NETS,
            ["contradicted", "supported", "contradicted", "supported"],
            strict=True,
        )
    )
