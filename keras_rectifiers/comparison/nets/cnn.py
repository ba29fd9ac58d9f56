"""The convolutional nets, without and with pooling between layers."""

import keras

from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.nets import parts
from keras_rectifiers.comparison.trials.trial import Trial


def build(trial: Trial, data: Description) -> keras.Sequential:
    """`depth` 3x3 convolutions of `width` channels, flattened, dense logits.

    `"cnn"` keeps the size of the images. In `"cnn_pooled"`, max pooling over 2x2
    positions follows each hidden layer and halves the size, rounded up. The logits
    depend on the position of an activation in the image, because few nets of this size
    learn digits from channel means alone. The hidden layers are like those of an MLP;
    dropout drops single activations, not channels.
    """
    layers = [keras.Input(data.input_shape)]
    for _ in range(trial.depth):
        convolution = keras.layers.Conv2D(
            parts.num_units(trial),
            3,
            padding="same",
            **_CHANNELS,
            **parts.weights(trial),
        )
        layers += [convolution, *parts.activation(trial)]
        if trial.architecture == "cnn_pooled":
            layers.append(keras.layers.MaxPooling2D(padding="same", **_CHANNELS))
    layers += [keras.layers.Flatten(**_CHANNELS), parts.outputs(trial, data)]
    return keras.Sequential(layers)


# As the data are, whatever the user's setting.
_CHANNELS = {"data_format": "channels_last"}
