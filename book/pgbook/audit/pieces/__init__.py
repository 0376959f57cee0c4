r"""The pieces that a policy-gradient loss is put together from, right ones and slips.

A loss is $\mp\sum_{k,t}w_{kt}\,\Psi_{kt}\,\ell_{kt}$: weights $\Psi$ (a kind of return, less a
centre, over a scale), a mean $w$ over steps and episodes, and a term $\ell$, which should be
$\log\pi_\theta(a_t\mid s_t)$. All take a `Batch` whose tensors may have axes in front of [K, T].
"""

from pgbook.audit.pieces.centres import CENTRES, SCALES
from pgbook.audit.pieces.kinds import KINDS
from pgbook.audit.pieces.piece import OBJECTIVES, Piece
from pgbook.audit.pieces.returns import ends
from pgbook.audit.pieces.terms import EXTRAS, MEANS, TERMS

__all__ = ["CENTRES", "EXTRAS", "KINDS", "MEANS", "OBJECTIVES", "SCALES", "TERMS", "Piece", "ends"]
