"""Study, a question that many trials answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keras_rectifiers.comparison.trials.trial import Trial


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question, the trials that answer it, and claims about the answer.

    Args:
        name: its name on the command line.
        title: the heading of its page.
        question: one sentence.
        method: a few sentences.
        trials: profile name -> the trials of that profile that are known in advance.
        claims: the claims, fixed before the trials are run.
        figures: the figures of its page.
        tunings: profile name -> its `Tuning`s, whose trials depend on the results of
            earlier ones.
        dataset: the data set of its trials, except for those on points in the plane.
        not_shown: what the study does not show, in a sentence or two; empty if there is
            nothing to say.
        left_out: the trials for which the data are not suitable, in a sentence; empty
            if there are none.
        options: the other options of the command line that select these trials.
    """

    name: str
    title: str
    question: str
    method: str
    trials: Mapping[str, Callable[[], Sequence[Trial]]]
    claims: Sequence[Any]
    figures: Sequence[Any]
    tunings: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    dataset: str = "digits"
    not_shown: str = ""
    left_out: str = ""
    options: Sequence[str] = ()
