"""The backend by which members are trained at once."""

import keras
import pytest

from keras_rectifiers.comparison.training import backends


def test_the_module_is_that_of_the_backend_of_keras():
    name = backends.current().__name__
    assert name.rpartition(".")[2] == keras.backend.backend()


@pytest.mark.parametrize(
    ("devices", "found"),
    [
        (["cpu:0"], False),
        (["cpu:0", "gpu:0"], True),
        (["cuda:0"], True),
        (["CPU:0", "TPU:0"], True),
        ([], False),
    ],
)
def test_a_gpu_is_any_device_but_a_processor(monkeypatch, devices, found):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: devices)
    assert backends.has_gpu() is found


def test_the_devices_of_this_machine_can_be_told():
    assert backends.has_gpu() in (True, False)
