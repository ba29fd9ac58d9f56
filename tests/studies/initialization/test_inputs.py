"""Raw and scaled inputs, on made-up tables with known answers."""

import dataclasses

from studies.initialization import STUDY, inputs
from tests.studies.initialization.made_up_starts import starts
from tests.studies.made_up_studies import verdicts


def test_nets_that_diverge_with_raw_inputs_alone_are_counted_as_failed():
    tables = starts(0.0, 0.95, 2.3, 0.95, raw_accuracy=0.9)
    trials = tables.trials
    is_lost = (trials["inputs"] == "raw") & (trials["learning_rate"] == 0.1)
    tables = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    found = verdicts(STUDY, tables)
    assert found["scaled-inputs"] == {
        "raw against 0 to 1, rate 0.01": "contradicted",
        "raw against standardised, rate 0.01": "contradicted",
        "raw against 0 to 1, rate 0.1": "supported",
        "raw against standardised, rate 0.1": "supported",
    }
    # Their accuracy says nothing.
    accuracy = found["scaled-inputs-accuracy"]
    assert accuracy["standardised against raw, rate 0.1"] == "inconclusive"


def test_each_scaling_has_nets_at_each_rate():
    trials = inputs.trials(seeds=range(2), epochs=1)
    assert len(set(trials)) == len(trials) == 2 * 3 * 2
    assert {t.inputs for t in trials} == set(inputs.SCALINGS)
