"""Claims judged as if training had ended earlier."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import ended_after, paired_outcomes, where
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.along_epochs import judge_along_epochs
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.judging import judge
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.made_up_curves import key, tables_of_curves, without_rows
from tests.comparison.reporting.made_up_reports import made_up_study

SEEDS = range(8)
SIDES = ("relu", "tanh")
CASES = {"MLP": "mlp", "CNN": "cnn"}


def nets(architecture: str = "mlp", epochs: int = 8, rate: float = 0.001, seeds=SEEDS):
    return [
        Trial(
            architecture=architecture,
            depth=2,
            activation=activation,
            epochs=epochs,
            learning_rate=rate,
            seed=seed,
        )
        for activation in SIDES
        for seed in seeds
    ]


def leading(*leads: float):
    """A curve on which relu is ahead by so much after each epoch, give or take."""

    def curve(trial: Trial, epoch: int):
        lead = leads[min(epoch, len(leads)) - 1] * (trial.activation == "relu")
        return 0.5 + lead + 0.001 * trial.seed * (trial.activation == "relu"), 1.0, 1.0

    return curve


def by_architecture(trials: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        case: paired_outcomes(
            where(trials, architecture=name), "test_accuracy", "relu", "tanh"
        )
        for case, name in CASES.items()
    }


def study(effects=lambda tables: by_architecture(tables.trials), **fields):
    claim = made_up_claim(
        Difference(smallest_effect=0.05),
        effects=effects,
        **{"outcomes": ("test_accuracy",), **fields},
    )
    return made_up_study(claims=(claim,))


def course(frame: pd.DataFrame, case: str = "MLP") -> dict[int, str]:
    rows = frame[frame["case"] == case]
    return dict(zip(rows["epoch"], rows["verdict"], strict=True))


S, C, OPEN = "supported", "contradicted", "inconclusive"


@pytest.mark.parametrize(
    ("leads", "verdicts", "depends"),
    [
        ((0.2,) * 8, [S] * 8, False),
        ((-0.2,) + (0.2,) * 7, [C] + [S] * 7, False),
        ((-0.2,) * 3 + (0.2,) * 5, [C] * 3 + [S] * 5, False),
        ((-0.2,) * 4 + (0.2,) * 4, [C] * 4 + [S] * 4, True),
        ((-0.2,) * 7 + (0.2,), [C] * 7 + [S], True),
    ],
    ids=["never", "early", "before the half", "within the half", "late"],
)
def test_a_lead_that_turns_within_the_last_half_depends_on_the_budget(
    leads, verdicts, depends
):
    tables = tables_of_curves(nets(), leading(*leads), test_accuracy=0.5)
    along = judge_along_epochs(study(), tables)
    assert course(along) == dict(zip(range(1, 9), verdicts, strict=True))
    frame = judge(study(), tables, along).set_index("case")
    assert frame.loc["MLP", "depends_on_budget"] == depends
    assert ("Depends on the budget" in frame.loc["MLP", "sentence"]) == depends
    # The verdict that counts is on the test split, where both do equally well.
    assert frame.loc["MLP", "verdict"] == C
    assert not judge(study(), tables)["depends_on_budget"].any()


def test_a_case_that_is_not_testable_at_the_end_does_not_depend_on_the_budget():
    tables = tables_of_curves(nets(), leading(*[-0.2] * 4, *[0.2] * 4))
    along = judge_along_epochs(study(), tables)
    assert judge(study(), tables, along).set_index("case")["depends_on_budget"]["MLP"]
    never = Precondition(
        text="never", holds=lambda tables: {"MLP": pd.Series(dtype=bool)}
    )
    found = judge(study(precondition=never), tables, along).set_index("case").loc["MLP"]
    assert found["verdict"] == "not testable here"
    assert not found["depends_on_budget"]
    assert "Depends on the budget" not in found["sentence"]


def test_the_last_epoch_is_judged_as_the_end_is_but_on_the_validation_split():
    tables = tables_of_curves(nets(), leading(0.0, 0.1, 0.0, 0.06))
    along = judge_along_epochs(study(), tables)
    last = along[along["epoch"] == 8].iloc[0]
    at_the_end = judge(study(), ended_after(tables, 8)).iloc[0]
    for name in ("verdict", "estimate", "low", "high", "n"):
        assert last[name] == at_the_end[name], name
    assert last["estimate"] == pytest.approx(0.0635)


def test_each_case_is_judged_after_parts_of_its_own_budget_and_all_at_once():
    tables = tables_of_curves([*nets(), *nets("cnn", 3)], leading(0.2))
    found = judge_along_epochs(study(), tables)
    assert list(found["case"]) == ["MLP"] * 8 + ["CNN"] * 3
    assert list(course(found)) == list(range(1, 9))
    assert list(course(found, "CNN")) == [1, 2, 3]
    assert set(found.loc[found["case"] == "CNN", "budget"]) == {3}
    # Six seeds decide a single case; of two, Holm's correction asks for seven.
    six = [trial for trial in [*nets(), *nets("cnn", 3)] if trial.seed < 6]
    both = judge_along_epochs(study(), tables_of_curves(six, leading(0.2)))
    assert set(both["verdict"]) == {OPEN}
    alone = [trial for trial in six if trial.architecture == "mlp"]
    found = judge_along_epochs(study(), tables_of_curves(alone, leading(0.2)))
    assert set(found["verdict"]) == {S}


def test_the_last_epoch_of_a_small_budget_is_judged_beside_the_ends_of_the_others():
    # Six seeds decide for the CNN only beside an MLP that is decided too, as it is after
    # its last epoch. The third of three epochs stands for the last parts of eight.
    few = [trial for trial in nets("cnn", 3) if trial.seed < 6]

    def curve(trial, epoch):
        is_late = trial.architecture == "cnn" or epoch == 8
        return leading(0.2 if is_late else 0.0)(trial, epoch)

    found = judge_along_epochs(study(), tables_of_curves([*nets(), *few], curve))
    assert course(found)[7] != S and course(found)[8] == S
    assert course(found, "CNN") == {1: OPEN, 2: OPEN, 3: S}


def test_a_missing_epoch_and_a_diverged_net_have_no_value_there():
    def diverging(trial, epoch):
        accuracy, *losses = leading(0.2)(trial, epoch)
        is_lost = trial.seed == 1 and trial.activation == "tanh" and epoch >= 6
        return (accuracy, *([np.nan] * 2 if is_lost else losses))

    tables = tables_of_curves(nets(), diverging)
    tables = without_rows(tables, key(nets()[0]), 5)
    found = judge_along_epochs(study(), tables).set_index("epoch")
    assert list(found["n"]) == [8, 8, 8, 8, 7, 7, 7, 7]
    # As at the end, the worst is assumed for it.
    assert np.isneginf(found["low"]).tolist() == [False] * 4 + [True] * 4


def test_rates_are_chosen_anew_after_each_epoch():
    trials = [t for rate in (0.001, 0.01) for t in nets(rate=rate)]

    def curve(trial, epoch):
        # relu is fast at the large rate, but ends better at the small one.
        is_large = trial.learning_rate == 0.01
        accuracy = (0.7 if is_large else 0.4) if epoch < 8 else (0.5, 0.8)[not is_large]
        return (accuracy if trial.activation == "relu" else 0.5), 1.0, 1.0

    def effects(tables):
        return by_architecture(at_best_rate(tables))

    found = judge_along_epochs(study(effects), tables_of_curves(trials, curve))
    assert found.set_index("epoch")["estimate"].to_dict() == pytest.approx(
        dict.fromkeys(range(1, 8), 0.2) | {8: 0.3}
    )


def test_the_precondition_must_hold_at_that_epoch():
    def holds(tables):
        trials = where(tables.trials, activation="relu")
        accurate = trials["test_accuracy"] > 0.6
        return {"MLP": accurate.set_axis(trials["seed"])}

    condition = Precondition(text="it is accurate", holds=holds)
    tables = tables_of_curves(nets(), leading(0.07, 0.07, 0.2))
    found = course(judge_along_epochs(study(precondition=condition), tables))
    assert [found[epoch] for epoch in (2, 3)] == ["not testable here", S]


def test_a_case_named_after_what_was_chosen_has_the_name_of_the_end():
    def effects(tables):
        best = by_architecture(tables.trials)["MLP"]
        return {f"lead of {best.median():.1f}": best}

    tables = tables_of_curves(nets(), leading(0.1, 0.2, 0.3))
    found = judge_along_epochs(study(effects), tables)
    assert set(found["case"]) == {"lead of 0.3"}
    assert list(found["epoch"]) == list(range(1, 9))


@pytest.mark.parametrize("outcomes", [(), ("train_accuracy",)])
def test_claims_on_nothing_that_has_a_curve_are_not_judged_along_it(outcomes):
    tables = tables_of_curves(nets(), leading(0.2))
    assert judge_along_epochs(study(outcomes=outcomes), tables).empty


def test_nets_of_a_single_epoch_and_tables_without_curves_have_no_course():
    one = tables_of_curves(nets(epochs=1), leading(0.2))
    assert judge_along_epochs(study(), one).empty
    tables = tables_of_curves(nets(), leading(0.2))
    bare = dataclasses.replace(tables, measurements=tables.measurements.iloc[:0])
    along = judge_along_epochs(study(), bare)
    assert along.empty
    assert not judge(study(), bare, along)["depends_on_budget"].any()
