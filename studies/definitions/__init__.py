"""What holds by definition: identities of rectifiers, in numbers and figures.

Everything is computed here in NumPy from the formulas, in float64. The tests compare the
layers and functions of the library with the same formulas.
"""

from studies.definitions import elu, rectifiers, softmax, softplus

IDENTITIES = (
    *rectifiers.IDENTITIES,
    *softplus.IDENTITIES,
    *elu.IDENTITIES,
    *softmax.IDENTITIES,
)
