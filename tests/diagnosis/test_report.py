"""The forms of a diagnosis: text, HTML and a frame of the findings."""

import pandas as pd

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.report import Diagnosis

EMPTY = pd.DataFrame(columns=["layer", "depth", "measure", "value"])


def diagnosis(**settings):
    follows = Finding(
        kind="stuck", where="training", observation="b", meaning="B.", advice="B."
    )
    cause = Finding(
        kind="output",
        layer="last",
        observation="a",
        meaning="A.",
        advice="Do A.",
        consequences=(follows,),
        tried=("Tried: it helps.",),
    )
    return Diagnosis(
        model="net",
        num_examples=100,
        frame=EMPTY,
        fresh=EMPTY,
        findings=(cause,),
        **settings,
    )


def test_a_model_without_hidden_activations_has_no_table():
    assert str(diagnosis()) == (
        "net: 1 finding in 0 hidden activations, on 100 examples\n"
        "1. last: a. A. Do A. Tried: it helps. What follows from it: training: b."
    )
    assert "<li><b>last</b>: a. A. Do A. Tried" in diagnosis()._repr_html_()
    assert "<table" not in diagnosis()._repr_html_()


def test_what_could_not_be_looked_at_stands_first():
    found = diagnosis(note="No <steps>.")
    assert str(found).splitlines()[1] == "No <steps>."
    assert " No &lt;steps&gt;.</p>" in found._repr_html_()


def test_the_frame_of_findings_says_what_follows_from_what():
    frame = diagnosis().to_frame()
    assert frame.kind.tolist() == ["output", "stuck"]
    assert frame.follows_from.tolist() == ["", "output"]
    assert frame.layer.tolist() == ["last", ""]
