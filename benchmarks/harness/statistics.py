"""Rounds → figures.

Knows: numbers. A ratio is the median of the ratios of paired rounds, which were measured right after each
other; so a machine that gets slower in the middle of a run does not move it.
"""

import statistics
from dataclasses import dataclass

__all__ = ["Figures", "ratio_of"]


@dataclass(frozen=True)
class Figures:
    """One contestant's rounds of one workload, CPU nanoseconds per request."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def best(self) -> float:
        return min(self.rounds)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, as a share of the median."""
        if len(self.rounds) < 2:
            return 0.0
        lower, _, upper = statistics.quantiles(self.rounds, n=4)
        return (upper - lower) / 2 / self.median if self.median else 0.0


def ratio_of(base: Figures, other: Figures) -> float:
    """How many times as fast `other` is as `base`: above 1 it is faster."""
    pairs = zip(base.rounds, other.rounds, strict=True)
    return statistics.median(mine / its for mine, its in pairs if its)
