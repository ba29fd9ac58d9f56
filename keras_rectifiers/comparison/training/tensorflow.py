"""Training of a population on TensorFlow.

Members are vectorised by `tf.vectorized_map`, steps are repeated in one program, and
XLA compiles it if this is faster. `jax` has the same functions.
"""

import contextlib
import logging
import re
from collections.abc import Callable, Iterator

import tensorflow as tf


class NotVectorisable(Exception):
    """TensorFlow cannot run an operation of a net for all members at once."""


NOT_VECTORISABLE = (NotVectorisable,)
# It keeps the inputs of all steps in a list, of which it cannot make the zeros of many.
_OF_A_LOOP = (
    "TensorFlow cannot vectorise the gradient by the inputs of a recurrent layer, which "
    "the layers under it need"
)


def mode(jit_compile: bool) -> str:
    """The column `mode` of the trials."""
    return "tensorflow-xla" if jit_compile else "tensorflow-graph"


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error means that there was not enough memory."""
    # Where TensorFlow's graph optimizer finds a program too large, it sums in a temporary
    # variable, which two calls at the same time cannot both have.
    is_taken = isinstance(error, tf.errors.AlreadyExistsError) and (
        "TemporaryVariableOp" in str(error)
    )
    return is_taken or isinstance(error, MemoryError | tf.errors.ResourceExhaustedError)


def is_not_compilable(error: Exception) -> bool:
    """Whether an error means that XLA cannot compile an operation."""
    return isinstance(error, tf.errors.OpError) and (
        "unsupported operations when trying to compile" in str(error)
    )


def compiled(function: Callable, *arguments, jit_compile: bool = False) -> Callable:
    """Traces a function of nests of tensors; it is compiled when it is first called.

    Args:
        function: pure.
        arguments: nests of tensors, arrays or `tf.TensorSpec` with the shapes and types
            of later calls.
        jit_compile: whether XLA compiles it.
    """
    traced = tf.function(function, jit_compile=jit_compile, autograph=False)
    return traced.get_concrete_function(
        *tf.nest.map_structure(_specification, arguments)
    )


def vectorised(function: Callable, values):
    """Applies a function of one member's nest of tensors to all members at once.

    Raises:
        NotVectorisable: if TensorFlow cannot. (Its own error is a ValueError, which may
            also come from a wrong net.)
    """
    try:
        with _silent_errors():
            return tf.vectorized_map(
                function, values, fallback_to_while_loop=True, warn=False
            )
    except (ValueError, TypeError) as error:
        if re.search(
            r"No pfor vectorization defined|expected to be (not )?loop invariant"
            r"|Required handle data not set",
            str(error),
        ):
            raise NotVectorisable(_operation_in(str(error))) from error
        if "<dtype: 'variant'> is not compatible" in str(error):
            raise NotVectorisable(_OF_A_LOOP) from error
        raise


@contextlib.contextmanager
def _silent_errors() -> Iterator[None]:
    """Keeps from the display what TensorFlow logs of an error that it raises too."""
    logger = tf.get_logger()
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def repeat(step: Callable, values, inputs):
    """Runs `values, output = step(values, inputs[i])` for each i, in one program.

    Args:
        step: a function whose output has the size of the members.
        values: nest of tensors.
        inputs: `(steps, members, ...)`.

    Returns:
        The last values, and the outputs `(steps, members)`.
    """

    def body(number, values, outputs):
        values, output = step(values, inputs[number])
        return number + 1, values, outputs.write(number, output)

    num_steps, num_members = inputs.shape[:2]
    outputs = tf.TensorArray(tf.float32, num_steps, element_shape=(num_members,))
    _, values, outputs = tf.while_loop(
        lambda number, *_: number < num_steps,
        body,
        (tf.constant(0), values, outputs),
        parallel_iterations=1,
    )
    return values, outputs.stack()


def _operation_in(message: str) -> str:
    """The operation that an error of `vectorized_map` names."""
    path = re.search(r"loop_body/([^'\":\s]+?)(?:/pfor|['\":\s])", message)
    found = path.group(1) if path else message.partition("\n")[0]
    return f"TensorFlow cannot vectorise {found}"


def _specification(tensor) -> tf.TensorSpec:
    if isinstance(tensor, tf.TensorSpec):
        return tensor
    return tf.TensorSpec(tensor.shape, tensor.dtype)
