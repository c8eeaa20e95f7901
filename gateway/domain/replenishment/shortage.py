"""Too little for all: fair shares of what there is, in whole packs, with nothing gained or lost."""

import numpy as np

from gateway.domain.replenishment.series import Floats

_HALVINGS = 200


def fair_shares(available: float, position: Floats, mean: Floats, deviation: Floats, wanted: Floats) -> Floats:
    """Return what each place gets, at most what it wanted, together what is available (or all that was wanted).

    (position + share - mean) / deviation is made equal for all places that get part of what they want: the same chance
    of a stock-out for everyone. A place at or below 0 is out already; it has the lowest ratio and comes first by that.
    """
    if available >= wanted.sum():
        return wanted.copy()
    spread = np.maximum(deviation, 1e-9)
    start = (position - mean) / spread

    def shares(ratio: float) -> Floats:
        return np.clip((ratio - start) * spread, 0.0, wanted)

    low, high = float(start.min()), float((start + wanted / spread).max())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if shares(middle).sum() <= available:
            low = middle
        else:
            high = middle
    return shares(low)


def whole_packs(available: float, shares: Floats, pack: Floats, wanted: Floats, position: Floats) -> Floats:
    """Return the shares in whole packs, together as many as available allows; no place gets more than it wanted.

    First every place gets the whole packs of its share, then the packs left go one by one to the largest remainder, a
    place that is out of stock before one that is not.
    """
    most = np.floor(np.round(wanted / pack, 9))
    packs = np.minimum(np.floor(np.round(shares / pack, 9)), most)
    left = available - float((packs * pack).sum())
    remainder = shares / pack - packs
    out = (position <= 0) & (packs == 0)
    order = np.lexsort((np.arange(len(shares)), -remainder, ~out))
    given = True
    while given:
        given = False
        for place in order:
            if packs[place] < most[place] and pack[place] <= left + 1e-9:
                packs[place] += 1
                left -= float(pack[place])
                given = True
    return packs * pack
