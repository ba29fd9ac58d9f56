"""Whether code prints what a document shows for it."""

import math
import re

NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?(?![\w])")
# Processors differ in the last bits of float32, and training lets these grow.
RELATIVE = 0.1


def agree(shown: str, printed: str) -> bool:
    """Whether two texts have the same words, and about the same numbers."""
    words = [" ".join(NUMBER.sub("#", text).split()) for text in (shown, printed)]
    pairs = zip(numbers(shown), numbers(printed), strict=False)
    return words[0] == words[1] and all(
        math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-6) for one, other in pairs
    )


def numbers(text: str) -> list[float]:
    return [
        float(found.replace(",", "").replace("−", "-"))
        for found in NUMBER.findall(text)
    ]
