"""What a page says of verdicts that depend on the rate or on the budget."""

import dataclasses

import pandas as pd

from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.statistics import paired_outcomes, where
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.criteria import Difference
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.made_up_curves import tables_of_curves
from tests.comparison.reporting.made_up_reports import (
    DATE,
    VERSIONS,
    made_up_study,
    rate_study_with_claim,
    write_made_up,
)
from tests.comparison.reporting.strict_pages import Page


def curves_that_turn(trial, epoch):
    """relu falls behind tanh at first, in MLPs for longer than in CNNs."""
    turns = 5 if trial.architecture == "mlp" else 2
    lead = (0.2 if epoch > turns else -0.2) * (trial.activation == "relu")
    return 0.5 + lead + 0.001 * trial.seed * (trial.activation == "relu"), 1.0, 1.0


def study_along_epochs():
    def leads(tables):
        return {
            name: paired_outcomes(
                where(tables.trials, architecture=name), "test_accuracy", "relu", "tanh"
            )
            for name in ("mlp", "cnn")
        }

    rule = Difference(smallest_effect=0.1)
    return made_up_study(
        claims=(
            made_up_claim(rule, id="turns", effects=leads, outcomes=("test_accuracy",)),
            made_up_claim(
                rule,
                id="no-curve",
                statement="Nothing is measured.",
                effects=leads,
                outcomes=("train_accuracy",),
            ),
            made_up_claim(rule, id="other", effects=leads),
        ),
        figures=(),
        trials={"quick": list},
    )


def test_a_page_says_which_cases_depend_on_the_budget_and_draws_them(tmp_path):
    tables = tables_of_curves(
        [
            Trial(
                architecture=name, depth=2, activation=activation, epochs=8, seed=seed
            )
            for name in ("mlp", "cnn")
            for activation in ("relu", "tanh")
            for seed in range(10)
        ],
        curves_that_turn,
    )
    trials = tables.trials.assign(
        keras_version="3.15.0", backend="tensorflow", num_test=360
    )
    tables = dataclasses.replace(tables, trials=trials)
    write(
        [(study_along_epochs(), tables)],
        tmp_path,
        profile="quick",
        date=DATE,
        versions=VERSIONS,
    )
    page = Page(tmp_path / "made_up" / "index.html").words()
    assert page.count("contradicted depends on the budget") == 1
    assert page.count("Depends on the budget in 1 of 2 cases.") == 1
    assert (
        "Depends on the budget: judged along the epochs, it is contradicted after 4, 5 "
        "epochs and supported after 6, 7, 8 epochs."
    ) in page
    assert "no curve of the training accuracy: Nothing is measured." in page
    assert (
        "End of training the validation loss of 4 kinds of nets had flattened" in page
    )
    assert "Something holds. Figure 1. Effect: effect." in page
    assert "Figure 2." not in page
    effects = pd.read_csv(tmp_path / "made_up" / "effects.csv")
    depends = effects[effects["depends_on_budget"]]
    assert depends[["claim", "case"]].to_numpy().tolist() == [["turns", "mlp"]]
    along = pd.read_csv(tmp_path / "made_up" / "along_epochs.csv")
    assert len(along) == 16 and set(along["claim"]) == {"turns"}
    index = Page(tmp_path / "index.html").words()
    assert index.count("Depends on the budget in 1 of 2 cases.") == 1


def test_a_study_of_no_outcomes_says_nothing_of_budgets(tmp_path):
    write_made_up(tmp_path, made_up_study())
    page = Page(tmp_path / "made_up" / "index.html").words()
    assert "along the epochs" not in page and "End of training" not in page
    assert not (tmp_path / "made_up" / "along_epochs.csv").exists()


def test_a_case_that_depends_on_the_rate_is_flagged_with_what_holds_there(tmp_path):
    study, tables = rate_study_with_claim()
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    for page in ("index.html", "rates/index.html"):
        assert "supported depends on the rate" in Page(tmp_path / page).words()
    words = Page(tmp_path / "rates" / "index.html").words()
    assert (
        "Depends on the rate: at a rate of 0.001 common to all nets the effect is 0.000 "
        "(interval 0.000 to 0.000), contradicted; at a rate of 0.01 common to all nets "
        "the effect is −0.100 (interval −0.100 to −0.100), contradicted."
    ) in words
    assert "“Something holds.” at common learning rates" in words
    assert "Depends on the rate. " in Page(tmp_path / "index.html").words()
    effects = pd.read_csv(tmp_path / "rates" / "effects.csv")
    assert effects["depends_on_rate"].tolist() == [True]
    rows = pd.read_csv(tmp_path / "rates" / "common_rates.csv")
    assert rows["learning_rate"].tolist() == [0.001, 0.01, 0.1]
    assert rows["verdict"].tolist() == ["contradicted", "contradicted", "supported"]


def test_a_case_that_comes_out_the_same_at_every_rate_is_not_flagged(tmp_path):
    study, tables = rate_study_with_claim()
    trials = tables.trials
    ahead = 0.02 * (trials["activation"] == "sigmoid")
    trials = trials.assign(test_accuracy=0.7 + ahead + trials["learning_rate"] / 10)
    tables = dataclasses.replace(tables, trials=trials)
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    assert "epends on the rate" not in Page(tmp_path / "rates/index.html").words()
    effects = pd.read_csv(tmp_path / "rates" / "effects.csv")
    assert effects["depends_on_rate"].tolist() == [False]
