"""The content of a study's page: verdicts, what became of its nets, and data."""

import dataclasses
import shlex
from pathlib import Path

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.statistics import paired_outcomes, where
from keras_rectifiers.comparison.trials.failures import Failure
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    Difference,
    Equivalence,
)
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.made_up_curves import tables_of_curves
from tests.comparison.reporting.made_up_reports import (
    DATE,
    NUM_LAYERS,
    VERSIONS,
    made_up_study,
    made_up_tables,
    planned,
    rate_study,
    write_made_up,
)
from tests.comparison.reporting.strict_pages import Page


def test_a_difference_that_is_predicted_is_counted_seed_by_seed(tmp_path):
    values = pd.Series([0.3, 0.0, -0.1, *[0.2] * 7, np.nan])
    claim = made_up_study().claims[1]
    claims = tuple(
        dataclasses.replace(claim, id=id, rule=rule, effects=lambda _: {"one": values})
        for id, rule in (
            ("larger", Difference(smallest_effect=0.1)),
            ("equal", Equivalence(margin=0.1)),
        )
    )
    write_made_up(tmp_path, made_up_study(claims=claims))
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert words.count("10 8 above 0 1 without a value") == 1
    assert words.count("10 1 without a value") == 1


def test_an_interval_of_too_few_seeds_says_which_confidence_it_has(tmp_path):
    claim = dataclasses.replace(
        made_up_study().claims[1], effects=lambda _: {"few": pd.Series([0.1, 0.2, 0.4])}
    )
    write_made_up(tmp_path, made_up_study(claims=(claim,)))
    effects = pd.read_csv(tmp_path / "made_up" / "effects.csv")
    assert list(effects["confidence"]) == [0.75]  # all but two in 2^3 orders of signs
    assert "0.100 to 0.400 (at 75%)" in Page(tmp_path / "made_up/index.html").words()


def test_a_studys_page_says_what_was_found_and_how(folder):
    words = Page(folder / "first" / "index.html").words()
    effects = pd.read_csv(folder / "first" / "effects.csv")
    for sentence in effects["sentence"]:
        assert sentence in words
    assert "python -m studies run first --profile quick" in words
    assert "Keras 3.15.0 on tensorflow" in words
    assert "There is nothing to draw" in words
    assert "4 of the 20 trials of this profile are missing" in words
    assert "Seeds 8" in words
    assert "Epochs 1" in words


def test_diverged_trainings_are_counted(tmp_path):
    write_made_up(tmp_path, made_up_study(), num_lost=3)
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert "6 of the 16 trained: their loss became NaN or infinite" in words


def test_what_became_of_the_nets_is_counted_for_each_activation(tmp_path):
    tables = made_up_tables(num_lost=3)
    dead = tables.measurements[
        (tables.measurements["measure"] == "signal_gradient")
        & tables.measurements["key"].isin(["relu-6", "relu-7"])
    ].assign(measure="dead_units", value=1.0)
    # Dead before training only: it lives at the end.
    dead = dead[(dead["key"] == "relu-6") | (dead["epoch"] == 0)]
    tables = dataclasses.replace(
        tables, measurements=pd.concat([tables.measurements, dead])
    )
    read = read_study(made_up_study(), tables, "quick")
    assert read.fates.to_dict("list") == {
        "activation": ["relu", "sigmoid"],
        "num_trained": [8, 8],
        "num_measured": [0, 0],
        "num_diverged": [3, 3],
        "num_dead": [1, 0],
        "num_missing": [2, 2],
    }
    write(
        [(made_up_study(), tables)],
        tmp_path,
        profile="quick",
        date=DATE,
        versions=VERSIONS,
    )
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert "relu 8 0 3 1 2 sigmoid 8 0 3 0 2" in words


def test_a_training_that_stopped_early_is_read_where_it_stopped():
    tables = made_up_tables()
    dead = tables.measurements[
        (tables.measurements["measure"] == "signal_gradient")
        & (tables.measurements["key"] == "relu-6")
    ].assign(measure="dead_units", value=1.0)
    stopped = dataclasses.replace(
        tables,
        # Measured after epoch 1, the last, of 5 that its settings allow.
        trials=tables.trials.assign(epochs=5, patience=1),
        measurements=pd.concat([tables.measurements, dead]),
    )
    read = read_study(made_up_study(), stopped, "quick")
    assert read.fates["num_dead"].tolist() == [1, 0]
    expected = read_study(made_up_study(), tables, "quick").data["trials"]
    assert expected["gradient_decay_after"].notna().all()
    pd.testing.assert_series_equal(
        read.data["trials"]["gradient_decay_after"], expected["gradient_decay_after"]
    )


def rate_study_with_claim():
    """Sigmoid is ahead at the best rates, and relu at the common rate of 0.01."""
    study, tables = rate_study()

    def lead(tables):
        best = at_best_rate(tables)
        return {"sigmoid": paired_outcomes(best, "test_accuracy", "sigmoid", "relu")}

    claim = made_up_claim(
        Difference(smallest_effect=0.01),
        id="ahead",
        effects=lead,
        comparable_if=Precondition(text="nets have learned", holds=lambda _: {}),
    )
    trials = tables.trials.assign(diverged=False)
    is_sigmoid = trials["activation"] == "sigmoid"
    ahead = is_sigmoid & (trials["learning_rate"] == 0.1)
    trials["test_accuracy"] += 0.05 * ahead
    return (
        dataclasses.replace(study, claims=[claim]),
        dataclasses.replace(tables, trials=trials),
    )


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
    assert (
        "1 case depends on the learning rate, 0 on the number of epochs, and"
        in Page(tmp_path / "index.html").words()
    )
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


def test_seeds_whose_grid_is_not_finished_are_not_judged_and_are_missing():
    study, tables = rate_study_with_claim()
    trials = tables.trials
    is_lacking = (trials["seed"] == 3) & (trials["learning_rate"] == 0.1)
    part = dataclasses.replace(tables, trials=trials[~is_lacking])
    read = read_study(study, part, "quick")
    assert read.verdicts["n"].tolist() == [7]
    assert read.num("missing") == 2


def test_a_rate_that_is_missing_for_all_seeds_leaves_nothing_to_judge():
    study, tables = rate_study_with_claim()
    trials = tables.trials
    # What is there of sigmoid does not tell that its grid has another rate.
    is_lacking = (trials["activation"] == "sigmoid") & (trials["learning_rate"] == 0.1)
    part = dataclasses.replace(tables, trials=trials[~is_lacking])
    read = read_study(study, part, "quick")
    assert read.verdicts["n"].tolist() == [0]
    assert read.rates is not None and [n.name for n in read.rates.nets] == ["relu"]


def test_trials_tell_whether_they_are_at_the_best_rate_of_their_seed():
    study, tables = rate_study()
    trials = read_study(study, tables, "quick").data["trials"]
    best = trials[trials["is_at_best_rate"]]
    found = best[~best["diverged"]].groupby("activation")["learning_rate"].unique()
    assert {name: list(rates) for name, rates in found.items()} == {
        "relu": [0.01],
        "sigmoid": [0.1],
    }
    assert len(best) == 16


def test_the_data_beside_a_page_are_whole(folder):
    trials = pd.read_csv(folder / "first" / "trials.csv")
    assert len(trials) == trials["key"].nunique() == 16
    sigmoid = trials[trials["activation"] == "sigmoid"]
    np.testing.assert_allclose(sigmoid["gradient_decay_before"], -0.5, atol=1e-5)
    np.testing.assert_allclose(sigmoid["gradient_decay_after"], -0.5, atol=1e-5)
    assert set(trials["num_layers_left_out_before"]) == {0}
    layers = pd.read_csv(folder / "first" / "layers.csv")
    assert list(layers) == ["key", "epoch", "layer", "signal_gradient"]
    assert len(layers) == 16 * 2 * NUM_LAYERS
    epochs = pd.read_csv(folder / "first" / "epochs.csv")
    assert list(epochs) == ["key", "epoch", "train_loss"]
    effects = pd.read_csv(folder / "first" / "effects.csv")
    assert {"claim", "case", "estimate", "low", "high", "n", "unit"} <= set(effects)


def changed(tables: Tables, **columns) -> Tables:
    """The tables with other settings of their trials."""
    return dataclasses.replace(tables, trials=tables.trials.assign(**columns))


def test_an_interval_that_has_just_its_confidence_is_shown_without_it():
    # Wilson's interval has what is asked for, whatever the number of seeds.
    claim = made_up_claim(
        AtLeast(threshold=0.5),
        effects=lambda _: {"all": pd.Series([1.0] * 20)},
        is_share=True,
    )
    read = read_study(made_up_study(claims=(claim,)), made_up_tables(), "quick")
    ((case,),) = [judged.cases for judged in read.claims]
    # By hand: the lower end for 20 of 20 is 1 / (1 + z^2 / 20).
    least = 1 / (1 + 1.959964**2 / 20)
    assert case["interval"] == f"{least:.3f} to 1.000"
    assert case["confidence"] == 0.95


def test_the_data_sets_are_named_without_their_folders_the_most_frequent_first():
    tables = made_up_tables()
    names = ["ring"] * 3 + ["/home/me/own.npz"] * 5 + ["digits"] * 8
    sizes = [0] * 3 + [1500] * 5 + [0] * 8
    tables = changed(tables, dataset=names, train_size=sizes)
    assert read_study(made_up_study(), tables, "quick").datasets == [
        "digits",
        "own.npz, a subset of 1,500 training examples",
        "ring",
    ]


def test_the_command_can_be_pasted_whatever_the_path_of_the_data():
    study = made_up_study(dataset="my data; rm.npz", options=("--train-size", "500"))
    read = read_study(study, made_up_tables(), "quick")
    assert shlex.split(read.command) == [
        *("python", "-m", "studies", "run", "made_up", "--profile", "quick"),
        *("--dataset", "my data; rm.npz", "--train-size", "500"),
    ]
    assert read.command.count("'my data; rm.npz'") == 1


def test_nets_that_are_only_measured_are_neither_trained_nor_dead():
    tables = made_up_tables()
    dead = tables.measurements[
        tables.measurements["measure"] == "signal_gradient"
    ].assign(measure="dead_units", value=1.0)
    tables = dataclasses.replace(
        changed(tables, epochs=[0] * 8 + [3] * 8),
        measurements=pd.concat([tables.measurements, dead]),
    )
    read = read_study(made_up_study(), tables, "quick")
    fates = ("trained", "measured", "diverged", "dead")
    counts = read.fates.set_index("activation")[[f"num_{fate}" for fate in fates]]
    assert counts.loc["relu"].tolist() == [0, 8, 0, 0]
    assert counts.loc["sigmoid"].tolist() == [8, 0, 0, 8]
    assert [read.num(fate) for fate in fates] == [8, 8, 0, 8]
    assert read.epochs == [3]


def test_a_trial_that_is_planned_twice_is_missing_once():
    study = made_up_study(trials={"quick": lambda: [*planned(), *planned()]})
    read = read_study(study, made_up_tables(), "quick")
    assert read.num("missing") == 4


def test_what_failed_is_counted_by_trials():
    failed = [
        Failure(path=Path("a.txt"), error="x", trials={"a": "Trial()", "b": "Trial()"}),
        Failure(path=Path("c.txt"), error="y", trials={"c": "Trial()"}),
    ]
    read = read_study(made_up_study(), made_up_tables(), "quick", failed)
    assert read.num_failed == 3 and read.failures == failed
    assert read_study(made_up_study(), made_up_tables(), "quick").num_failed == 0


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
                rule, id="no-curve", effects=leads, outcomes=("train_accuracy",)
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
    assert "no curve of the training accuracy: no-curve." in page
    assert (
        "End of training the validation loss of 4 kinds of nets had flattened" in page
    )
    assert "1. Something holds. Effect: effect." in page
    assert "2. Something holds." not in page
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
