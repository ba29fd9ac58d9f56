"""Which examples each seed uses for training, for validation and for the test."""

import numpy as np

from keras_rectifiers.comparison.comparing.examples import Examples
from keras_rectifiers.comparison.data.splits import stratified
from keras_rectifiers.comparison.nets.initial_values import derive_seed
from keras_rectifiers.comparison.training.task import Split

# Of what is not given, for the validation and for the test each.
SHARE = 0.2


def split_for(examples: Examples, seed: int) -> Split:
    """Draws the parts that were not given, the same for all activations.

    A fifth of the examples each is for validation and for the test; classes keep their
    shares. If the test part is given, a fifth of the rest is for validation.

    Args:
        examples: the examples.
        seed: the seed of the experiment, of which the split is a part.
    """
    given = examples.given()
    if examples.num_validation:
        return given
    size = max(1, round(SHARE * examples.num_train))
    rng = np.random.default_rng(derive_seed(seed, "split"))
    test, rest = given.test, given.train
    if not examples.num_test:
        test, rest = _drawn(examples, rest, size, rng)
    validation, train = _drawn(examples, rest, size, rng)
    return Split(train, validation, test)


def _drawn(examples: Examples, among: np.ndarray, size: int, rng):
    """Draws indices, and returns them and the remaining ones."""
    if examples.labels is None:
        shuffled = rng.permutation(among)
        return shuffled[:size], shuffled[size:]
    drawn, rest = stratified(examples.labels[among], size, rng)
    return among[drawn], among[rest]
