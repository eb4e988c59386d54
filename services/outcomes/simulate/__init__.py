"""What could N children show? The product's own analysis on children whose truth is known.

Children are generated from the real distribution of absence, referred when they have lately been
absent, and given an effect that we chose. The same code as in production then looks for it.
"""

from services.outcomes.simulate.study import Outcome, Study, run

__all__ = ["Outcome", "Study", "run"]
