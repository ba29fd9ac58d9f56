"""The backend by which members are trained at once."""

import keras

from keras_rectifiers.comparison.training import backends


def test_the_module_is_that_of_the_backend_of_keras():
    name = backends.current().__name__
    assert name.rpartition(".")[2] == keras.backend.backend()
