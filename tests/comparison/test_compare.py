"""Activations compared in a model of one's own, from the data to the verdicts."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_rectifiers
from keras_rectifiers.comparison import compare as module
from keras_rectifiers.comparison.comparing.budget import Costs
from keras_rectifiers.comparison.comparing.experiment import Experiment
from keras_rectifiers.comparison.comparing.splitting import SHARE
from keras_rectifiers.comparison.data.splits import stratified
from keras_rectifiers.comparison.nets.initial_values import derive_seed
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.verdicts.contest_sentences import sentences
from tests.comparison.comparing.made_up_work import build_model, compiled, data

ROOT = Path(__file__).parent.parent.parent
QUICK = {
    "activations": ["tanh"],
    "seeds": 2,
    "epochs": 1,
    "learning_rates": [0.01, 0.1],
}


def compare(build=build_model, given=None, **settings):
    return keras_rectifiers.compare(
        build, data() if given is None else given, **{**QUICK, **settings}
    )


@pytest.fixture(scope="module")
def found():
    return compare(activations=["tanh", "prelu"], epochs=2, measures=True)


def by_hand(name: str, seed: int, rates, *, epochs: int) -> tuple[float, float]:
    """The best rate by validation, and the test accuracy at it: as a user would write it."""
    x, y = data()
    rng = np.random.default_rng(derive_seed(seed, "split"))
    size = round(SHARE * len(x))
    test, rest = stratified(y, size, rng)
    validation, train = stratified(y[rest], size, rng)
    validation, train = rest[validation], rest[train]
    scores = []
    for rate in rates:

        def build():
            model = build_model(lambda: keras_rectifiers.get(name))
            model.compile(
                keras.optimizers.Adam(),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                metrics=["accuracy"],
            )
            return model

        recorded = RecordedModel(build, x[:1])
        model = recorded.model
        for variable, value in zip(model.variables, recorded.values(seed), strict=True):
            variable.assign(value)
        model.optimizer.learning_rate = rate
        for epoch in range(1, epochs + 1):
            rng = np.random.default_rng(derive_seed(seed, epoch, "order"))
            order = train[rng.permutation(len(train))[: len(train) // 32 * 32]]
            model.fit(x[order], y[order], batch_size=32, shuffle=False, verbose=0)
        valued = model.evaluate(
            x[validation], y[validation], verbose=0, return_dict=True
        )
        tested = model.evaluate(x[test], y[test], verbose=0, return_dict=True)
        scores.append((-valued["accuracy"], valued["loss"], rate, tested["accuracy"]))
    *_, rate, accuracy = min(scores)
    return rate, accuracy


def test_the_scores_are_those_of_a_loop_written_by_hand(found, tolerance):
    # One seed of each, which takes the time of all others together.
    for row in found.scores.drop_duplicates("activation").itertuples():
        rate, accuracy = by_hand(row.activation, row.seed, [0.01, 0.1], epochs=2)
        assert row.learning_rate == rate
        assert row.value == pytest.approx(accuracy, abs=tolerance)


def test_it_tells_what_was_found(found):
    assert found.table["activation"].tolist() == ["relu", "tanh", "prelu"]
    assert found.best == ("relu", "tanh", "prelu")  # two seeds can tell nothing
    assert found.summary().splitlines()[: len(sentences(found.results.contest))]
    assert "The model was not compiled" in found.summary()
    assert {"dead_units", "train_loss"} <= set(found.frame["measure"])
    assert found.plot() is not None


def test_its_report_diagnoses_what_lost_and_has_all_figures(found, tmp_path):
    text = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    for title in ("Learning curves", "Sensitivity to the learning rate", "Gradients"):
        assert title in text


@pytest.mark.slow
def test_a_whole_comparison_finds_a_difference_that_is_there():
    def build(activation):
        return keras.Sequential(
            [
                keras.Input((4,)),
                keras.layers.Dense(8),
                activation(),
                keras.layers.Dense(3),
            ]
        )

    useless = {"useless": lambda: keras.layers.Lambda(lambda x: 0 * x)}
    found = compare(
        build, data(120), activations=useless, seeds=8, learning_rates=[0.1], epochs=3
    )
    assert found.table["verdict"].tolist() == ["reference", "worse"]
    assert found.best == ("relu",)
    assert "useless is worse than relu by" in found.summary()


def test_a_compiled_model_keeps_its_loss_metrics_and_rate():
    found = compare(
        compiled(metrics=["accuracy"]), learning_rates="auto", metric="loss"
    )
    assert "was not compiled" not in found.summary()
    assert found.results.contest.metric.name == "loss"
    assert 0.01 in found.trials["learning_rate"].round(9).tolist()
    assert found.trials["learning_rate"].nunique() == 6


def test_regression_weights_and_given_parts_are_taken():
    x, _ = data()
    number = x[:, 0].astype("float32")

    def build(activation):
        return keras.Sequential(
            [
                keras.Input((4,)),
                keras.layers.Dense(6),
                activation(),
                keras.layers.Dense(1),
            ]
        )

    parts = ((x[:36], number[:36], np.ones(36)),) + (
        (x[36:], number[36:], np.ones(24)),
    ) * 2
    found = compare(build, parts)
    assert found.results.contest.metric.name == "root_mean_squared_error"
    assert not found.results.contest.metric.higher_is_better


def test_a_folder_keeps_what_is_finished(tmp_path, monkeypatch):
    first = compare(out=tmp_path / "out")

    def train(*_, **__):
        raise AssertionError("it was trained again")

    monkeypatch.setattr(Experiment, "train", train)
    again = compare(out=tmp_path / "out")
    assert again.table.equals(first.table)
    assert again.scores.equals(first.scores)


def test_after_an_interrupt_it_gives_what_is_finished_and_goes_on(
    tmp_path, monkeypatch
):
    train = Experiment.train

    def interrupted(self, part, **settings):
        if part.activation == "tanh":
            raise KeyboardInterrupt
        return train(self, part, **settings)

    with monkeypatch.context() as patched:
        patched.setattr(Experiment, "train", interrupted)
        found = compare(out=tmp_path / "out")
    assert found.is_interrupted
    assert found.table["num_seeds"].tolist() == [2, 0]
    assert "Interrupted: this is what was finished" in found.summary()
    whole = compare(out=tmp_path / "out")
    assert not whole.is_interrupted
    assert whole.table["num_seeds"].tolist() == [2, 2]


def test_an_interrupt_before_anything_is_finished_stays_one(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Experiment, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compare()


def test_if_every_training_fails_the_error_is_shown(monkeypatch):
    def failing(*_, **__):
        raise MemoryError("too large")

    monkeypatch.setattr(Experiment, "train", failing)
    with pytest.raises(RuntimeError, match="Every training failed"):
        compare()


def test_a_budget_chooses_seeds_and_rates(monkeypatch, capsys):
    costs = Costs(start=0.1, member_epoch=1.0)
    monkeypatch.setattr(module.budgets, "measure_costs", lambda _: costs)
    settings = {"learning_rates": [0.01, 0.03, 0.1, 0.3], "seeds": 50}
    found = compare(budget="50 s", verbose=True, **settings)
    assert found.trials["seed"].nunique() == 7
    assert found.trials["learning_rate"].nunique() == 3
    assert "7 seeds and 3 learning rates fit into 50 s" in found.summary()
    assert capsys.readouterr().err.startswith("7 seeds and 3 learning rates fit")
    with pytest.raises(ValueError, match="Expected a `budget` of at least"):
        compare(budget="10 s", **settings)


def test_what_may_be_a_mistake_is_told_before_the_training(monkeypatch, capsys):
    def carry_out(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "carry_out", carry_out)

    def build(activation):
        layers = [keras.Input((4,)), keras.layers.Dense(3), activation()]
        return keras.Sequential(layers)

    with pytest.raises(KeyboardInterrupt):
        compare(build, verbose=True)
    assert "also that of the outputs" in capsys.readouterr().err


def test_a_budget_is_measured_and_kept():
    found = compare(budget="1000 s", measures=False)
    assert found.trials["seed"].nunique() == 2
    assert "2 seeds and 2 learning rates fit" in found.summary()


X, Y = data()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"given": (X[:5], Y[:5])}, ValueError, "at least 20 examples"),
        ({"given": (X, 0 * Y)}, ValueError, "at least two classes"),
        ({"given": (X, Y[1:])}, ValueError, "as many examples"),
        ({"given": (np.where(X > 2, np.nan, X), Y)}, ValueError, "finite"),
        ({"seeds": 1}, ValueError, "at least 2 seeds"),
        ({"activations": ["gelu", "gelu"]}, ValueError, "each activation once"),
        ({"metric": "acuracy"}, ValueError, "acuracy"),
        ({"build": compiled("mse")}, ValueError, "number by number"),
        ({"build": lambda a: 5}, TypeError, "a keras.Model"),
        ({"budget": "soon"}, ValueError, "to be a time"),
        ({"epochs": 0}, ValueError, "`epochs` to be at least 1"),
        ({"workers": 0}, ValueError, "`workers`"),
        ({"batch_size": 1000}, ValueError, "`batch_size` to be at most"),
        ({"learning_rates": "fast"}, ValueError, "`learning_rates`"),
        ({"smallest_effect": 0}, ValueError, "`smallest_effect`"),
        ({"higher_is_better": "no"}, TypeError, "`higher_is_better` to be True or"),
        ({"version": object()}, TypeError, "`version` to be a string"),
        ({"measures": 1}, TypeError, "`measures` to be True or False"),
    ],
)
def test_bad_input_is_refused_before_anything_is_trained(
    settings, error, message, monkeypatch, tmp_path
):
    def train(*_, **__):
        raise AssertionError("it was trained")

    monkeypatch.setattr(Experiment, "train", train)
    with pytest.raises(error, match=message):
        compare(**settings)


def test_a_file_in_place_of_the_folder_is_refused_and_kept(tmp_path):
    path = tmp_path / "thesis.txt"
    path.write_text("mine")
    with pytest.raises(ValueError, match=r"thesis.txt, which is no folder"):
        compare(out=path)
    assert path.read_text() == "mine"


def test_a_folder_of_others_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files"):
        compare(out=tmp_path)


@pytest.mark.slow
def test_a_script_without_a_main_guard_compares_in_worker_processes(tmp_path):
    """Over 10 s: workers load TensorFlow."""
    script = tmp_path / "mine.py"
    script.write_text(
        f"""
import keras, keras_rectifiers
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.comparison.comparing.made_up_work import data
print("started")

def build_model(activation):
    return keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, activation()), keras.layers.Dense(3)]
    )

found = keras_rectifiers.compare(
    build_model, data(), activations=["tanh"], seeds=2, epochs=1,
    learning_rates=[0.1], workers=2,
)
print(found.table["num_seeds"].tolist())
"""
    )
    result = subprocess.run(
        [sys.executable, script],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.stdout.splitlines() == ["started", "[2, 2]"], result.stderr
