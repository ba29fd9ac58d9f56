"""What the engine is given."""

import numpy as np
import pytest

from keras_rectifiers.comparison.training.task import Data, Member, Split, Task


def test_examples_are_counted_in_any_nest():
    assert Data(x={"a": [np.zeros((5, 2))]}, y=None).num_examples == 5


def test_tasks_and_members_have_defaults_and_cannot_be_changed():
    task = Task(build=list, data=Data(x=[], y=[]), batch_size=2, epochs=1)
    assert (task.patience, task.probe_size, task.measures) == (0, 256, True)
    member = Member(seed=1, split=Split(*map(np.arange, (3, 1, 1))))
    assert member.learning_rate is None and member.start is None
    for changed, name in ((task, "epochs"), (member, "seed")):
        with pytest.raises(AttributeError):
            setattr(changed, name, 5)
