"""What diagnose finds in nets that lost."""

import numpy as np

from keras_rectifiers.comparison.comparing.losers import findings_of_losers
from keras_rectifiers.comparison.comparing.preflight import Layer
from keras_rectifiers.comparison.training.task import Data
from tests.comparison.comparing.made_up_results import NUM_LAYERS, results_of

LAYERS = [Layer(name=f"hidden_{i}", depth=i, num_units=8) for i in range(NUM_LAYERS)]
X = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")


def found(differences, x=X, layers=None, **settings):
    results = results_of(differences, **settings)
    names = dict.fromkeys(differences, LAYERS) if layers is None else layers
    return findings_of_losers(results, names, Data(x=x, y=None), num_examples=50)


def test_dead_units_of_a_net_that_lost_are_found():
    findings = found({"relu": 0.0, "gelu": 0.03, "elu": 0.0}, dead={"relu": 0.9})
    assert [f.kind for f in findings["relu"]] == ["dead"]
    assert findings["relu"][0].layer == "hidden_0"
    assert findings["elu"] == []


def test_what_nothing_beats_is_not_diagnosed():
    assert found({"relu": 0.0, "gelu": 0.0}, dead={"relu": 0.9}) == {}
    assert set(found({"relu": 0.0, "gelu": -0.03})) == {"gelu"}


def test_inputs_that_are_not_scaled_are_found_and_tokens_have_no_scale():
    lost = {"relu": 0.0, "gelu": -0.03}
    findings = found(lost, x=1000 * X)["gelu"]
    assert [f.kind for f in findings] == ["unscaled inputs"]
    tokens = np.full((50, 4), 1000)
    assert found(lost, x=tokens)["gelu"] == []


def test_nets_whose_layers_were_not_measured_are_left_out():
    assert (
        found({"relu": 0.0, "gelu": -0.03}, layers={"relu": LAYERS, "gelu": []}) == {}
    )
