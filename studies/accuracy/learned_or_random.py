"""PReLU, which learns its slopes, and RReLU, which draws them."""

from studies import sources
from studies.accuracy.nets import (
    XU,
    better_net_learned,
    both_nets_learned,
    claim_on_pairs,
    lead,
)

# The claims ---------------------------------------------------------------------------


# Those that Xu 2015 compares.
_OTHERS = "ReLU, leaky ReLU (slopes 0.01 and 1/5.5)"
_HE = (
    "He 2015, ImageNet, top-1 error: ReLU 33.82%, PReLU shared 32.71%, channel-wise "
    "32.64%. Different net and training budget."
)


CLAIMS = (
    claim_on_pairs(
        "prelu-train-best",
        "PReLU has the lowest training error.",
        (sources.XU,),
        f"training accuracy of PReLU above that of each of {_OTHERS} and RReLU",
        lead(
            "prelu",
            ("relu", "leaky_relu", "very_leaky_relu", "rrelu"),
            value="train_accuracy",
        ),
        precondition=better_net_learned(
            "prelu", ("relu", "leaky_relu", "very_leaky_relu", "rrelu")
        ),
        comparable_if=both_nets_learned(
            "prelu", ("relu", "leaky_relu", "very_leaky_relu", "rrelu")
        ),
        quantity="difference in training accuracy",
        outcomes=("train_accuracy",),
        published=f"{XU} {_HE}",
    ),
    claim_on_pairs(
        "rrelu-least-overfit",
        "RReLU overfits least on small data.",
        (sources.OVERVIEW, sources.XU),
        f"the gap between training and test accuracy of each of {_OTHERS} and PReLU "
        "above that of RReLU",
        lead(
            "rrelu",
            ("relu", "leaky_relu", "very_leaky_relu", "prelu"),
            value="gap",
            sign=-1,
        ),
        precondition=both_nets_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        comparable_if=both_nets_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        quantity="difference in the gap",
        outcomes=("train_accuracy", "test_accuracy"),
        published=XU,
    ),
    claim_on_pairs(
        "rrelu-best",
        "RReLU has the best test accuracy.",
        (sources.OVERVIEW, sources.XU),
        f"test accuracy of RReLU above that of each of {_OTHERS} and PReLU",
        lead("rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")),
        precondition=better_net_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        comparable_if=both_nets_learned(
            "rrelu", ("relu", "leaky_relu", "very_leaky_relu", "prelu")
        ),
        published=XU,
    ),
)
