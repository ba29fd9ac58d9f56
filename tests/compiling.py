"""How the steps of a training are compiled where that is not what is tested."""

import keras

# TensorFlow runs a few steps sooner than it traces one, or makes XLA compile it. JAX
# compiles each operation of a step that it does not compile as a whole.
AS_A_WHOLE = keras.backend.backend() == "jax"
QUICKEST = {"run_eagerly": not AS_A_WHOLE, "jit_compile": AS_A_WHOLE}
