"""How long activations take, alone on the machine.

Times are no trials: they depend on the machine and on what else it does. So they are
taken in processes of their own, one for each backend, and never beside workers.
"""
