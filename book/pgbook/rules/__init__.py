r"""Update rules that people publish and use, each a function of an audit's `Batch`.

`psi` has the weights Ψ and the means; `published` the losses that are more than the two together.
"""

from pgbook.rules.psi import ADVANTAGES, LAMBDA, MEANS, loss

__all__ = ["ADVANTAGES", "LAMBDA", "MEANS", "loss"]
