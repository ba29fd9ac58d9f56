"""Tables of nets by their start, bias, inputs and penalty, as told."""

from studies import initialization
from tests.studies.made_up_studies import made_up_tables


def starts(
    decay, active, glorot_loss, biased_accuracy, raw_accuracy=0.1, activation=8.0
):
    """Penalised nets have activations up to 4, others to `activation`."""

    def measures(trial, epoch, layer):
        noise = 1e-4 * (trial.seed % 10)
        if trial.depth == 3:
            is_penalised = trial.weight_l1 or trial.weight_l2
            largest = 4.0 if is_penalised else activation
            # The last layer has it; the others are alike in all nets.
            return {"largest_activation": largest + noise if layer == 2 else 1.0}
        if trial.depth == 6:
            share = active if trial.bias == 0.1 and epoch == 0 else 0.5
            return {"sparsity": 1 - share + noise}
        return {"signal_gradient": 10 ** ((decay + noise) * (trial.depth - 1 - layer))}

    def accuracy(trial):
        changed = trial.bias or trial.weight_l1 or trial.weight_l2
        level = biased_accuracy if changed else 0.9
        level = raw_accuracy if trial.inputs == "raw" else level
        return level + 1e-4 * (trial.seed % 7)

    return made_up_tables(
        initialization.STUDY,
        measures,
        accuracy=accuracy,
        train_loss=lambda t: (
            (glorot_loss if t.initializer == "glorot" else 1.0)
            + 1e-3 * (t.seed % 7) * len(t.initializer)
        ),
    )
