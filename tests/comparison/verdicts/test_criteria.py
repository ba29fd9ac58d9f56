import math
import re

import pytest

from keras_rectifiers.comparison.verdicts.criteria import (
    Difference,
    Equivalence,
    Within,
)


@pytest.mark.parametrize("smallest", [0.0, -0.1, math.nan])
def test_a_smallest_effect_that_is_none_is_refused(smallest):
    message = (
        "smallest_effect must be above 0. Choose the sign of the effect so that the "
        f"claim predicts a positive value. Received: {smallest!r}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Difference(smallest_effect=smallest)


def test_bounds_that_do_not_ascend_are_refused():
    message = "lower must be below upper. Received: lower=0.1, upper=0.1."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Within(lower=0.1, upper=0.1)


@pytest.mark.parametrize("margin", [0.0, -0.1, math.nan])
def test_a_margin_that_is_none_is_refused(margin):
    message = (
        "margin, the largest difference that does not matter, must be above 0. Received: "
        f"{margin!r}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Equivalence(margin=margin)
