"""Do the rectifiers that Xu 2015 compares differ in its net as they do there?

`errors` compares their errors, `slopes` has the slopes that PReLU learns in the same
`nets`.
"""

from keras_rectifiers.comparison.trials.study import Study
from studies.network_in_network import errors, slopes
from studies.network_in_network.errors import TABLES
from studies.network_in_network.nets import GRIDS
from studies.profiles import Profile

STUDY = Study(
    name="network_in_network",
    title="Rectifiers in a network in network",
    question="Do the rectifiers that Xu 2015 compares differ in a network in network on "
    "CIFAR-10 as they do there?",
    method="In the standard profile, networks in networks of 6 layers of 32 channels are "
    "trained for 15 epochs on 5,000 images by Adam with batches of 32: three blocks of a "
    "3 × 3 and a 1 × 1 convolution, with max pooling between them, and the means of the "
    "last channels as inputs of the logits. In the full profile the paper's own net, that "
    "of Lin 2013, is trained for 100 epochs on all images by SGD with a momentum of 0.9 "
    "and batches of 128; it needs a GPU. For each seed the rate of a net with the lowest "
    "validation error is its best rate, and the results at that rate count. The quick "
    "profile does not include this study.",
    not_shown="What the paper found: it trained on all images for hundreds of epochs. In "
    "the standard profile the net is smaller too, and has no dropout.",
    trials=dict.fromkeys(("quick", "standard", "full"), list),
    claims=(
        *errors.CLAIMS,
        *slopes.CLAIMS,
    ),
    figures=(
        *errors.FIGURES,
        *slopes.FIGURES,
    ),
    grids=GRIDS,
    tables=TABLES,
    data={"standard": Profile(datasets=("cifar10",), train_size=5000)},
)
