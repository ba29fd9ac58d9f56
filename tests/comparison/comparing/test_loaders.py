"""Data in batches, of each library that users have."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.loaders import is_loader, read_loader

X = np.arange(14, dtype="float32").reshape(7, 2)
Y = np.arange(7)


def check(loader):
    assert is_loader(loader)
    x, y = read_loader(loader)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


def test_datasets_of_tensorflow_are_read_in_batches_and_as_single_examples():
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices((X, Y))
    check(dataset)
    check(dataset.batch(3))
    named = tf.data.Dataset.from_tensor_slices(({"a": X}, Y, np.ones(7))).batch(2)
    x, _, weight = read_loader(named)
    np.testing.assert_array_equal(x["a"], X)
    assert weight.shape == (7,)


def test_a_dataset_without_end_is_refused():
    tf = pytest.importorskip("tensorflow")
    endless = tf.data.Dataset.from_tensor_slices((X, Y)).batch(2).repeat()
    with pytest.raises(ValueError, match=r"data that end. Leave out repeat\(\)"):
        read_loader(endless)


def test_a_generator_of_unknown_size_is_refused_unless_its_size_is_asserted():
    tf = pytest.importorskip("tensorflow")

    def endless():
        while True:
            yield X[0], 0

    specs = (tf.TensorSpec((2,), tf.float32), tf.TensorSpec((), tf.int64))
    generated = tf.data.Dataset.from_generator(endless, output_signature=specs)
    for unknown in (generated, generated.batch(2), generated.take(6)):
        with pytest.raises(
            ValueError, match=r"of known size. Add .*assert_cardinality"
        ):
            read_loader(unknown)
    rows = tf.data.Dataset.from_generator(
        lambda: zip(X, Y, strict=True), output_signature=specs
    )
    check(rows.apply(tf.data.experimental.assert_cardinality(7)).batch(3))


@pytest.mark.slow  # for these run where PyTorch is installed
def test_loaders_of_pytorch_are_read():
    torch = pytest.importorskip("torch")
    dataset = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    check(torch.utils.data.DataLoader(dataset, batch_size=3))

    class Endless(torch.utils.data.IterableDataset):
        def __iter__(self):
            while True:
                yield X[0], Y[0]

    with pytest.raises(ValueError, match=r"data that end. Use a dataset and a"):
        read_loader(torch.utils.data.DataLoader(Endless(), batch_size=3))

    class EndlessSampler(torch.utils.data.Sampler):
        def __iter__(self):
            while True:
                yield 0

    loader = torch.utils.data.DataLoader(dataset, sampler=EndlessSampler())
    with pytest.raises(ValueError, match=r"data that end. Use a dataset and a sampler"):
        read_loader(loader)


class Batches(keras.utils.PyDataset):
    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    @property
    def num_batches(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def test_datasets_of_keras_are_read():
    check(Batches([(X[:4], Y[:4]), (X[4:], Y[4:])]))


def test_no_batches_and_batches_without_targets_are_refused():
    with pytest.raises(ValueError, match=r"Expected batches of data. Received: none"):
        read_loader(Batches([]))
    with pytest.raises(ValueError, match=r"each batch to be \(x, y\).* ndarray"):
        read_loader(Batches([X]))


def test_arrays_and_tuples_are_no_loaders():
    assert not is_loader(X) and not is_loader((X, Y))
