"""The rectifiers on PyTorch, by its fused functions."""

# Where this backend is not installed, the type checker takes its import for this file.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import torch

from keras_rectifiers.kernels import generic
from keras_rectifiers.kernels.generic import crelu as crelu
from keras_rectifiers.kernels.generic import leaky_relu as leaky_relu
from keras_rectifiers.kernels.generic import s_shaped_relu as s_shaped_relu
from keras_rectifiers.kernels.generic import squared_relu as squared_relu


def prelu(x, negative_slope, *, training):
    long = [i for i, size in enumerate(negative_slope.shape) if size != 1]
    if x.ndim < 2 or negative_slope.ndim > x.ndim or len(long) > 1:
        return generic.prelu(x, negative_slope, training=training)
    if not long:
        return torch.nn.functional.prelu(x, negative_slope.reshape(1))
    axis = long[0] - negative_slope.ndim + x.ndim
    if x.shape[axis] != negative_slope.numel():
        return generic.prelu(x, negative_slope, training=training)
    # Its channels are on axis 1.
    y = torch.nn.functional.prelu(x.movedim(axis, 1), negative_slope.reshape(-1))
    return y.movedim(1, axis)


def smooth_relu(x, sharpness, *, training):
    # Of the function below, OpenVINO loses the sharpness and ONNX the threshold.
    if not isinstance(sharpness, float) or _is_exported():
        return generic.smooth_relu(x, sharpness, training=training)
    # Above the threshold, which is of `sharpness * x`, the softplus is its argument to
    # the last digit of float64.
    return torch.nn.functional.softplus(x, beta=sharpness, threshold=80)


def swish(x, beta, *, training):
    if _is_exported():
        return generic.swish(x, beta, training=training)
    return _Swish.apply(x, beta)


class _Swish(torch.autograd.Function):
    """Swish with gradients that are finite at infinities."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x, beta):
        gate = (beta * _finite(x)).sigmoid_()
        # At infinity the product may be inf * 0 = NaN.
        return (x * gate).masked_fill_(gate == 0, 0)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        finite = _finite(x)
        gate = (beta * finite).sigmoid_()
        by_scaled = upstream * torch.ops.aten.sigmoid_backward(finite, gate)
        by_x = torch.addcmul(upstream * gate, by_scaled, beta)
        return by_x, (by_scaled * finite).sum_to_size(beta.shape)

    @staticmethod
    def jvp(ctx, by_x, by_beta):
        x, beta = ctx.saved_tensors
        finite = _finite(x)
        gate = torch.sigmoid(beta * finite)
        by_scaled = torch.ops.aten.sigmoid_backward(finite, gate)
        # A number has no tangent.
        tangent = 0 if by_x is None else (gate + by_scaled * beta) * by_x
        return tangent if by_beta is None else tangent + by_scaled * finite * by_beta


def _finite(x):
    largest = torch.finfo(x.dtype).max
    return x.clamp(-largest, largest)


def shifted_relu(x, threshold):
    # Neither ONNX nor OpenVINO knows the function below, which does not round its
    # threshold to the dtype of `x`.
    is_half = x.dtype in (torch.float16, torch.bfloat16)
    if not isinstance(threshold, float) or is_half or _is_exported():
        return generic.shifted_relu(x, threshold)
    return torch.nn.functional.threshold(x, threshold, threshold)


def rrelu(x, random, lower, upper, *, is_divisor):
    # Each new tensor costs more than the arithmetic.
    drawn = random.to(x.dtype).mul_((upper - lower) / 2**32).add_((lower + upper) / 2)
    factor = torch.where(x > 0, 1.0, drawn)
    return x / factor if is_divisor else x * factor


def maxout(x, units, axis, *, is_strided, training):
    is_exported, is_pair = _is_exported(), x.shape[axis] == 2 * units
    is_compiled = torch.compiler.is_compiling()
    if is_pair and (is_exported or is_compiled or not x.requires_grad):
        # As slices: ONNX takes the batch size of an `unflatten` as a constant.
        before = (slice(None),) * axis
        step, start = (1, units) if is_strided else (2, 1)
        first = x[*before, : units if is_strided else None : step]
        return torch.maximum(first, x[*before, start::step])
    if is_exported:
        return generic.maxout(x, units, axis, is_strided=is_strided, training=training)
    groups = (-1, units) if is_strided else (units, -1)
    return x.unflatten(axis, groups).amax(axis if is_strided else axis + 1)


def _is_exported():
    is_traced = torch.jit.is_tracing()  # pyright: ignore[reportPrivateImportUsage]
    return is_traced or torch.compiler.is_exporting()
