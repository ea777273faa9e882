"""Sharing an amount out in whole units, so that the shares add up to it to the last digit."""

from __future__ import annotations

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` whole units out in proportion to ``weights``, by the method of largest remainders.

    Each share is the exact one rounded down; the units that are left go one each to the largest remainders, of equal
    ones to the earlier place. A negative total is shared like its positive twin. Weights are 0 or more and not all 0;
    raises `ZeroDivisionError` where they are.
    """
    if total < 0:
        return [-share for share in apportion(-total, weights)]
    whole = sum(weights)
    shares, remainders = [], []
    for weight in weights:
        share, remainder = divmod(total * weight, whole)
        shares.append(share)
        remainders.append(remainder)
    left = total - sum(shares)
    if left:
        by_remainder = sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)
        for place in by_remainder[:left]:  # a stable sort keeps equal ones in their order, reversed or not
            shares[place] += 1
    return shares
