"""What the commands read, do and print."""

import sys

import keras
import numpy as np
import pytest
import typer

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.cli import commands
from tests.comparison.comparing.made_up_work import build_model, compiled, data

X, Y = data()

SOURCE = """
import keras

def build_model(activation):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(6), activation(), layers.Dense(3)]
    )
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a module and data, in which the command is run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "my_own_net.py").write_text(SOURCE)
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    yield tmp_path
    sys.modules.pop("my_own_net", None)


def test_the_list_has_every_activation_with_its_formula(capsys):
    commands.list_activations()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOGUE)
    assert "max(x, 0)" in lines[0] and lines[0].endswith("Nair, Hinton 2010")


@pytest.mark.parametrize(
    "name", ["my_own_net:build_model", "my_own_net.py:build_model"]
)
def test_functions_are_loaded_from_modules_and_files(folder, name):
    assert commands.load_function(name).__name__ == "build_model"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("my_own_net", "Expected MODULE:FUNCTION.* Received: 'my_own_net'"),
        (":build_model", "Expected MODULE:FUNCTION"),
        ("my_own_net:build", "Expected a function 'build' .* build_model"),
        ("nowhere:build_model", "There is no module 'nowhere' in"),
        ("nowhere.py:build_model", r"There is no file nowhere\.py"),
    ],
)
def test_what_is_no_function_is_refused(folder, name, message):
    with pytest.raises(ValueError, match=message):
        commands.load_function(name)


def test_data_are_read_with_their_parts(folder):
    np.savez("weights.npz", x=X, y=Y, sample_weight=Y)
    np.savez("two.npz", x_train=X, y_train=Y, x_test=X, y_test=Y)
    np.savez(
        "three.npz",
        x_train=X, y_train=Y, x_test=X[:9], y_test=Y[:9], x_validation=X[:6], y_validation=Y[:6],
    )  # fmt: skip
    assert len(commands.read_data(folder / "data.npz")) == 2
    assert len(commands.read_data(folder / "weights.npz")) == 3
    two = commands.read_data(folder / "two.npz")
    assert [len(part) for part in two] == [2, 2]
    three = commands.read_data(folder / "three.npz")
    assert [len(x) for x, _ in three] == [60, 6, 9]


def test_data_without_the_arrays_are_refused(folder):
    np.savez("other.npz", x=X, labels=Y)
    with pytest.raises(ValueError, match=r"lacks arrays.* Received: x, labels"):
        commands.read_data(folder / "other.npz")
    with pytest.raises(ValueError, match="There is no data file"):
        commands.read_data(folder / "none.npz")


SETTINGS = {
    "activations": ["relu", "tanh"],
    "seeds": 2,
    "epochs": 1,
    "reference": "relu",
}


def test_a_comparison_is_printed_and_reported(folder, capsys):
    commands.compare(
        "my_own_net:build_model", folder / "data.npz", out=folder / "out", **SETTINGS
    )
    shown = capsys.readouterr()
    assert shown.out.startswith("Compared by accuracy on the test parts")
    assert f"Report: {folder / 'out' / 'report.html'}" in shown.out
    assert "[100%] tanh" in shown.err
    assert "tanh" in (folder / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError, 1), (KeyboardInterrupt, 130)]
)
def test_failures_and_interrupts_end_with_their_status(
    folder, monkeypatch, error, status, capsys
):
    from keras_rectifiers.comparison.comparing.experiment import Experiment

    train = Experiment.train

    def failing(self, part, **settings):
        if part.activation == "tanh":
            raise error("no")
        return train(self, part, **settings)

    monkeypatch.setattr(Experiment, "train", failing)
    with pytest.raises(typer.Exit) as ended:
        commands.compare(
            "my_own_net:build_model",
            folder / "data.npz",
            out=folder / "out",
            **SETTINGS,
        )
    assert ended.value.exit_code == status
    assert "Report: " in capsys.readouterr().out


def test_a_saved_model_is_diagnosed(folder, capsys):
    model = compiled()(keras.layers.ReLU)
    model.save("model.keras")
    commands.diagnose(
        folder / "model.keras", folder / "data.npz", loss=None, num_examples=50
    )
    shown = capsys.readouterr().out
    assert "in 1 hidden activation, on 50 examples" in shown
    plain = build_model(keras.layers.ReLU)
    plain.save("plain.keras")
    with pytest.raises(ValueError, match="loss"):
        commands.diagnose(
            folder / "plain.keras", folder / "data.npz", loss=None, num_examples=50
        )
    (folder / "bad.keras").write_text("no")
    with pytest.raises(
        ValueError, match=r"bad.keras cannot be loaded: ValueError: File"
    ):
        commands.diagnose(
            folder / "bad.keras", folder / "data.npz", loss=None, num_examples=50
        )
    with pytest.raises(ValueError, match="There is no model"):
        commands.diagnose(
            folder / "none.keras", folder / "data.npz", loss=None, num_examples=50
        )
