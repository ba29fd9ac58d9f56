"""Study, a question about many trainings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keras_rectifiers.comparison.trials.trial import Trial


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question, the trials that answer it, and what is claimed of the answer.

    Args:
        name: as on the command line.
        title: the heading of its page.
        question: one sentence.
        method: three sentences.
        trials: profile name -> the trials of that profile that are known beforehand.
        claims: the claims, fixed before the trials are run.
        figures: the figures of its page.
        tunings: profile name -> its `Tuning`s, whose trials depend on what earlier ones
            gave.
        dataset: what its trials are on, unless they are on points in the plane.
        left_out: which of its trials that data cannot serve, in a sentence; empty if it
            serves all.
        options: what the command line was given beside the profile and the data set, to
            ask for these trials.
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
    left_out: str = ""
    options: Sequence[str] = ()
