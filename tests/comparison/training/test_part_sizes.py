"""How many members a program trains, and whether XLA compiles it."""

import keras
import pytest
from keras import layers

from keras_rectifiers.comparison.training import part_sizes
from tests.comparison.training.engine_cases import cnn, mlp, recurrent


def test_parts_are_of_equal_size_and_small_under_xla(monkeypatch):
    monkeypatch.setattr(part_sizes, "NUM_THREADS", 2)

    def sizes(jit_compile):
        numbers = (1, 15, 16, 60, 201)
        return [part_sizes.part_size(n, jit_compile=jit_compile) for n in numbers]

    assert sizes(True) == [1, 15, 8, 30, 29]
    assert sizes(False) == [1, 15, 8, 30, 101]


@pytest.mark.parametrize(
    "layer", [layers.SeparableConv1D(2, 2), layers.Conv1DTranspose(2, 2)]
)
def test_convolutions_are_found_in_nested_models(layer):
    inner = keras.Sequential([keras.Input((5, 2)), layer])
    model = keras.Sequential([keras.Input((5, 2)), inner, layers.Flatten()])
    assert part_sizes.has_convolutions(model)


def test_xla_compiles_long_trainings_without_convolutions():
    assert not part_sizes.has_convolutions(mlp())
    assert part_sizes.uses_xla(mlp(), 250)
    assert not part_sizes.uses_xla(mlp(), 249)
    refusing = mlp()
    refusing.layers[0].supports_jit = False
    assert not part_sizes.uses_xla(refusing, 250)
    assert not part_sizes.uses_xla(cnn(), 250)
    assert part_sizes.has_convolutions(cnn())
    assert not part_sizes.has_convolutions(recurrent())


@pytest.mark.parametrize(
    "layer", [layers.SimpleRNN(2), layers.Bidirectional(layers.LSTM(2))]
)
def test_xla_does_not_compile_recurrent_layers(layer):
    model = keras.Sequential([keras.Input((3, 2)), layer])
    assert not part_sizes.uses_xla(model, 250)
