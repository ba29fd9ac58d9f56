"""The names of the nets that are compared."""

import re

import pytest

from keras_rectifiers.comparison.nets.architectures import ARCHITECTURES
from keras_rectifiers.comparison.trials.trial import Trial


def test_the_architectures_that_a_trial_takes_are_those_that_there_are():
    names = ", ".join(map(repr, ARCHITECTURES))
    message = f"Trial's architecture must be one of {names}. Received: 'transformer'."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Trial(architecture="transformer")
