"""Keras is loaded without what its backend logs."""

import os
import subprocess
import sys

import keras
import pytest

from keras_rectifiers.cli.loading import load_keras


def test_what_the_backend_logs_as_it_starts_is_not_shown(capfd, monkeypatch):
    def loud(*_):
        os.write(2, b"oneDNN custom operations are on.")
        return 0

    monkeypatch.setattr(keras.ops, "ones", loud)
    monkeypatch.setattr(keras.ops, "convert_to_numpy", loud)
    load_keras()
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def test_an_error_of_the_backend_is_raised_and_the_stream_is_back(capfd, monkeypatch):
    def failing(*_):
        raise RuntimeError("no device")

    monkeypatch.setattr(keras.ops, "ones", failing)
    with pytest.raises(RuntimeError, match="no device"):
        load_keras()
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


@pytest.mark.slow
def test_the_first_line_of_a_command_is_its_own():
    """Over 10 s: it loads TensorFlow in a process of its own."""
    command = "from keras_rectifiers.cli.loading import load_keras; load_keras()"
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    ran = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, env=environment
    )
    assert (ran.returncode, ran.stderr) == (0, "")
