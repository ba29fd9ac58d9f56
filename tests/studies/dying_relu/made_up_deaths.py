"""Tables of nets whose units die and come back, as told."""

RIGHT = {1e-3: 0.0, 3e-3: 0.0, 3e-4: 0.0, 1e-2: 0.05, 3e-2: 0.35, 0.1: 0.7, 0.3: 0.9}
WRONG = dict.fromkeys(RIGHT, 0.2)


def dead(rise, *, bias_kills=0.5, first=0.5, revived=0.05):
    """Units that die at each rate (`rise`), half of them in the first epoch.

    Of those that are dead before the end a share is `revived`.
    """

    def measures(trial, epoch, layer):
        if trial.width == 2:
            return {}
        share = 0.05 + (bias_kills if trial.bias else 0.0) + 0.001 * (trial.seed % 10)
        if epoch:
            share += rise[trial.learning_rate] * (1 if epoch == trial.epochs else first)
        is_relu = trial.activation == "relu"
        lives = revived * share * (epoch < trial.epochs)
        return {"dead_units": share, "revived_units": lives} if is_relu else {}

    return measures


def curves(relu, leaky):
    def values(trial, epoch):
        needed = {"relu": relu, "leaky_relu": leaky}.get(trial.activation, 1)
        return {"train_loss": 0.05 if epoch >= needed else 1.0}

    return values


def leads(rate, lead):
    """Accuracies of leaky nets that lead at one rate only."""

    def accuracy(trial):
        noise = 0.001 * (trial.seed % 10)
        is_ahead = trial.activation != "relu" and trial.learning_rate == rate
        return 0.5 + lead * is_ahead + noise * (1 + is_ahead)

    return accuracy
