"""What the studies claim, judged on made-up tables with known answers."""

import dataclasses
from collections.abc import Mapping

import pandas as pd
import pytest

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import population, runner
from keras_rectifiers.comparison.claims import judge
from keras_rectifiers.comparison.rates import validation_error, validation_loss
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.study_report import read_study
from studies import STUDIES, vanishing_gradients
from studies import __main__ as command_line
from studies.vanishing_gradients import at_random, trained
from tests.made_up_studies import (
    WHOLE,
    Measures,
    below,
    made_up_tables,
    made_up_trials,
    plausible,
    small,
    verdicts,
)

# Claims that are computed from formulas: what the trials lack is nothing to them.
COMPUTED = ("elu-noise",)

# The deep nets that are trained, with the convolutions that quick leaves out.
DEEP = dataclasses.replace(
    vanishing_gradients.STUDY,
    tunings={"quick": trained.tunings(seeds=range(20), epochs=6)},
)


def gradients(slopes: Mapping[str, float], default: float = 0.0) -> Measures:
    """Gradients that decay by the activation's slope, a little else for each seed."""

    def measures(trial, epoch, layer):
        slope = slopes.get(trial.activation, default) + 1e-4 * (trial.seed % 10 - 4)
        values = {"signal_gradient": 10 ** (slope * (trial.depth - 1 - layer))}
        if CATALOGUE[trial.activation].bounded:
            values["saturation"] = 0.1
        return values

    return measures


def test_where_the_textbooks_are_right_vanishing_gradients_says_so():
    tables = made_up_tables(
        vanishing_gradients.STUDY, gradients({"sigmoid": -0.5, "tanh": -0.2})
    )
    found = verdicts(vanishing_gradients.STUDY, tables)
    assert found["sigmoid-vanishes"] == {
        "sigmoid, He initialisation": "supported",
        "sigmoid, Glorot initialisation": "supported",
    }
    assert set(found["tanh-vanishes"].values()) == {"supported"}
    assert set(found["rectifier-flows"].values()) == {"supported"}
    assert len(found["rectifier-flows"]) == 2 * len(at_random.RECTIFIERS)


def test_where_the_textbooks_are_wrong_vanishing_gradients_says_so():
    tables = made_up_tables(
        vanishing_gradients.STUDY,
        gradients({"sigmoid": 0.0, "tanh": 0.02, "relu": -0.15, "gelu": 0.05}),
    )
    found = verdicts(vanishing_gradients.STUDY, tables)
    assert set(found["sigmoid-vanishes"].values()) == {"contradicted"}
    assert set(found["tanh-vanishes"].values()) == {"contradicted"}
    flows = found["rectifier-flows"]
    assert flows["relu, MLP"] == flows["relu, CNN"] == "contradicted"
    assert flows["gelu, MLP"] == "contradicted"
    assert flows["elu, MLP"] == "supported"


def test_a_gradient_at_the_edge_is_left_open():
    tables = made_up_tables(
        vanishing_gradients.STUDY, gradients({"sigmoid": -0.1}, default=0.02)
    )
    found = verdicts(vanishing_gradients.STUDY, tables)
    assert set(found["sigmoid-vanishes"].values()) == {"inconclusive"}
    assert set(found["rectifier-flows"].values()) == {"inconclusive"}


def test_only_the_untrained_net_of_the_stated_depth_and_start_is_judged():
    def measures(trial, epoch, layer):
        judged = (
            epoch == 0
            and trial.initializer == "gain"
            and (trial.architecture == "cnn" or trial.depth == 30)
        )
        slope = 0.0 if judged else -1.0
        return {"signal_gradient": 10 ** (slope * (trial.depth - 1 - layer))}

    tables = made_up_tables(vanishing_gradients.STUDY, measures)
    found = verdicts(vanishing_gradients.STUDY, tables)
    assert set(found["rectifier-flows"].values()) == {"supported"}


@pytest.mark.parametrize(
    ("behind", "verdict"),
    [(0.3, "supported"), (0.05, "contradicted"), (-0.3, "contradicted")],
)
def test_deep_nets_are_stuck_where_relu_is_ahead(behind, verdict):
    def accuracy(trial):
        noise = 0.001 * (trial.seed % 7)
        if trial.activation == "relu":
            return 0.6 + noise
        # What was not chosen, or belongs to another net, must not matter.
        is_judged = (trial.depth, trial.width) in ((20, 32), (8, 4)) and trial.seed < 20
        return 0.6 - behind + 2 * noise if is_judged else 0.99

    tables = made_up_tables(DEEP, gradients({}), accuracy=accuracy)
    found = verdicts(DEEP, tables)
    for activation in ("sigmoid", "tanh"):
        assert found[f"deep-{activation}-stuck"] == {
            f"relu ahead of {activation}, MLP, Adam": verdict,
            f"relu ahead of {activation}, MLP, SGD": verdict,
            f"relu ahead of {activation}, CNN, Adam": verdict,
        }


def test_deep_nets_that_learn_something_are_not_at_chance():
    tables = made_up_tables(
        DEEP,
        gradients({}),
        # By SGD even ReLU learns nothing.
        accuracy=lambda t: (
            0.20 if t.optimizer == "sgd" or t.activation == "sigmoid" else 0.21
        ),
    )
    assert verdicts(DEEP, tables)["deep-at-chance"] == {
        "relu learns, MLP, Adam": "supported",
        "sigmoid does not, MLP, Adam": "supported",
        "tanh does not, MLP, Adam": "contradicted",
        "relu learns, MLP, SGD": "contradicted",
        "sigmoid does not, MLP, SGD": "supported",
        "tanh does not, MLP, SGD": "supported",
        "relu learns, CNN, Adam": "supported",
        "sigmoid does not, CNN, Adam": "supported",
        "tanh does not, CNN, Adam": "contradicted",
    }


def test_diverged_nets_stay_in_what_is_judged():
    tables = made_up_tables(
        DEEP,
        gradients({}),
        accuracy=lambda trial: 0.9 if trial.activation == "relu" else 0.1,
    )
    is_lost = (tables.trials["activation"] == "relu") & (tables.trials["seed"] < 2)
    tables = dataclasses.replace(tables, trials=tables.trials.assign(diverged=is_lost))
    frame = judge(DEEP, tables)
    judged = frame[frame["claim"] == "deep-sigmoid-stuck"]
    assert judged["num_excluded"].tolist() == [2, 2, 2]
    # With 10 seeds, two that may have been anything leave it open.
    assert set(judged["verdict"]) == {"inconclusive"}
    shares = frame[frame["claim"] == "deep-at-chance"]
    is_relu = shares["case"].str.startswith("relu")
    assert shares["num_excluded"].tolist() == [2 * relu for relu in is_relu]


def test_gradients_that_are_lost_are_counted_and_leave_the_claim_open():
    def measures(trial, epoch, layer):
        lost = trial.activation == "relu" and trial.seed < 3
        return {"signal_gradient": 0.0 if lost else 1.0}

    tables = made_up_tables(vanishing_gradients.STUDY, measures)
    frame = judge(vanishing_gradients.STUDY, tables).set_index("case")
    assert frame.loc["relu, MLP", "verdict"] == "inconclusive"
    assert frame.loc["relu, MLP", "num_excluded"] == 3
    assert frame.loc["elu, MLP", "num_excluded"] == 0


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
@pytest.mark.parametrize("profile", ["quick", "full"])
def test_no_trial_stands_twice_in_a_profile(study, profile):
    trials = study.trials[profile]()
    assert len(trials) == len(set(trials))
    reporting = {
        seed for tuning in study.tunings.get(profile, ()) for seed in tuning.seeds
    }
    assert len({trial.seed for trial in trials} | reporting) >= 20


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_study_without_trials_has_measured_none_of_its_cases(study):
    tables = made_up_tables(study, lambda *_: {}, num_seeds=0)
    frame = judge(study, tables)
    assert set(frame["verdict"]) == {"not measured"}


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_claims_and_figures_have_names_of_their_own_and_say_what_they_are(study):
    for parts in (
        [claim.id for claim in study.claims],
        [figure.name for figure in study.figures],
    ):
        assert len(parts) == len(set(parts))
    texts = [study.question, study.method]
    texts += [t for c in study.claims for t in (c.statement, c.source, c.criterion)]
    texts += [t for f in study.figures for t in (f.title, f.caption)]
    assert all(texts)
    assert not any("significant" in text for text in texts)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_every_figure_draws(study):
    tables = plausible_tables(study)
    for figure in study.figures:
        drawn = figure.draw(tables)
        panels = [axes for axes in drawn.axes if axes.get_title("left")]
        assert panels, figure.name
        assert all(axes.lines or axes.collections for axes in panels), figure.name


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_part_of_the_trials_is_reported_whatever_it_lacks(study):
    whole = plausible_tables(study)

    def only(is_kept: pd.Series) -> Tables:
        frames = (whole.trials, whole.measurements, whole.outputs)
        kept = whole.trials.loc[is_kept, "key"]
        trials, measurements, outputs = (f[f["key"].isin(kept)] for f in frames)
        return Tables(trials=trials, measurements=measurements, outputs=outputs)

    is_trained = whole.trials["epochs"] > 0
    without_relu = only(whole.trials["activation"] != "relu")
    unmeasured = dataclasses.replace(
        whole, measurements=whole.measurements.iloc[:0], outputs=whole.outputs.iloc[:0]
    )
    for part in (without_relu, unmeasured, only(is_trained), only(~is_trained)):
        found = read_study(study, part, "quick")
        assert [drawing.title for drawing in found.drawings] == [
            figure.title for figure in study.figures
        ]
        judged = found.verdicts[~found.verdicts["claim"].isin(COMPUTED)]
        assert set(judged["verdict"]) <= {"inconclusive", "not measured"}


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_the_same_tables_give_the_same_verdicts_byte_for_byte(study, rng):
    tables = plausible_tables(study)
    frames = {
        name: getattr(tables, name).sample(frac=1, random_state=rng)
        for name in ("trials", "measurements", "outputs")
    }
    assert judge(study, tables).to_csv() == judge(study, tables).to_csv()
    # Sums in another order may differ in their last bit, which no report shows.
    written = judge(study, tables).to_csv(float_format="%.6g")
    assert judge(study, Tables(**frames)).to_csv(float_format="%.6g") == written


TUNED = [study for study in STUDIES.values() if study.tunings]


@pytest.mark.parametrize("study", TUNED, ids=lambda study: study.name)
def test_the_claims_look_at_the_rates_that_the_tunings_chose(study):
    tables = plausible_tables(study)
    scores = {tuning.score for tuning in study.tunings[WHOLE.get(study.name, "quick")]}
    # By what does not choose, the largest rate would be the best, which is not reported.
    trials = tables.trials
    if validation_loss not in scores:
        trials = trials.assign(validation_loss=-trials["validation_loss"])
    if validation_error not in scores:
        trials = trials.assign(validation_accuracy=1 - trials["validation_accuracy"])
    found = judge(study, dataclasses.replace(tables, trials=trials))
    pd.testing.assert_frame_equal(found, judge(study, tables))
    assert (found["n"] > 0).any()


def plausible_tables(study) -> Tables:
    trials = list(made_up_trials(study, num_seeds=2))
    return plausible(trials, [f"{i:05}" for i in range(len(trials))])


@pytest.mark.parametrize("figure", ["decay", "depth", "training", "cnn-decay"])
def test_no_figure_shows_the_decay_of_a_net_with_a_layer_without_gradient(figure):
    def measures(trial, epoch, layer):
        lost = trial.activation == "relu" and trial.seed == 1 and layer == 0
        return {"signal_gradient": 0.0 if lost else 1.0}

    tables = made_up_tables(vanishing_gradients.STUDY, measures)
    said = below(vanishing_gradients.STUDY, figure, tables)
    assert "relu 9 of 10" in said
    assert "tanh" not in said


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_study_goes_from_the_command_line_to_its_page(
    study, tmp_path, monkeypatch, capsys
):
    def train(trials):
        return plausible(trials, [runner.key(trial) for trial in trials])

    monkeypatch.setattr(population, "train", train)
    monkeypatch.setitem(STUDIES, study.name, small(study))
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["run", study.name]) == 0
    assert command_line.main(["report", study.name]) == 0
    capsys.readouterr()
    page = (tmp_path / "reports" / study.name / "index.html").read_text()
    assert "Incomplete" not in page
    assert "There is nothing to draw" not in page
    assert ("Learning rates" in page) == bool(study.tunings)
    for claim in study.claims:
        assert f'id="claim-{claim.id}"' in page
        if claim.published:
            assert "no part of the criterion" in page


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_what_a_study_trains_can_be_trained_and_is_measured(study):
    shrunk = {
        dataclasses.replace(
            trial,
            depth=min(2, trial.depth),
            epochs=min(1, trial.epochs),
            width=2,
            batch_size=256,
            probe_size=min(16, trial.probe_size),
            activation="prelu" if trial.activation == "prelu" else "relu",
            learning_rate=1e-3,
            seed=0,
        )
        for trial in made_up_trials(study, num_seeds=1)
    }
    tables = population.train(sorted(shrunk, key=repr))
    assert set(tables.trials["key"]) == {runner.key(trial) for trial in shrunk}
    measures = {"signal_gradient", "mean_shift", "silent_units"}
    assert measures <= set(tables.measurements["measure"])
