"""First-order shares: how much of a figure's variance goes when one group of parameters is known.

The share of a group is Var(E[figure | group]) / Var(figure) (Sobol 1993, Math. Model. Comput. Exp.
1, 407-414). Both come from draws of one run, so the variance is put together from what the group
explains and what it leaves, whose covariance is zero and need not be sampled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from valuation.shapes import Means
from valuation.uncertain import Draws


@dataclass(frozen=True)
class Shares:
    """Shares of variance of one figure in some batches; nan where nothing varies.

    Attributes:
        share: Of each group, shape (groups, batches). [1]
        standard_error: Its sampling error, same shape. [1]
        interaction: What no group explains alone: one less their sum, shape (batches,). [1]
        interaction_error: Its sampling error, same shape. [1]
        variance: Of the figure, shape (batches,). [unit squared]
    """

    share: Means
    standard_error: Means
    interaction: Means
    interaction_error: Means
    variance: Means


def first_order_shares(given: Sequence[Draws], figure: Draws) -> Shares:
    """Shares of some groups, with sampling errors by the delta method.

    Args:
        given: Expectation of the figure given each group but for a constant, each of shape
            (batches, draws) with as many of the figure's draws as are known, from the first on.
        figure: The figure, shape (batches, draws).
    """
    draws = figure.shape[-1]
    whole = figure - figure.mean(axis=-1, keepdims=True, dtype=np.float64)
    variance = np.mean(whole**2, axis=-1)
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))[:, None]
    whole = (whole / scale).astype(np.float32)
    shares, errors = np.empty((2, len(given), len(figure)))
    together = np.zeros_like(whole)
    for g, expected in enumerate(given):
        known = expected.shape[-1]
        centred = ((expected - expected.mean(axis=-1, keepdims=True)) / scale).astype(np.float32)
        if not centred.any():  # a group that says nothing
            shares[g], errors[g] = 0, 0
            continue
        left = whole[:, :known] - centred
        from_mean = left.mean(axis=-1, keepdims=True) ** 2
        np.square(left, out=left)
        left -= from_mean
        explained = np.square(centred, out=centred)
        left += explained
        total = left.mean(axis=-1, dtype=np.float64)
        share = np.divide(explained.mean(axis=-1), total, out=np.zeros_like(total), where=total > 0)
        # how far each draw moves the share: their squares add up to its squared error
        weight = (1 / np.maximum(total * known, 1e-30)).astype(np.float32)[:, None]
        left *= share.astype(np.float32)[:, None]
        moved = np.multiply(np.subtract(explained, left, out=left), weight, out=left)
        shares[g], errors[g] = share, np.sqrt(np.einsum("ij,ij->i", moved, moved))
        together[:, :known] += moved
    varies = (variance > 0) & (draws > 1)
    return Shares(
        share=np.where(varies, shares, np.nan),
        standard_error=np.where(varies, errors, np.nan),
        interaction=np.where(varies, 1 - shares.sum(axis=0), np.nan),
        interaction_error=np.where(varies, np.sqrt(np.sum(together**2, axis=-1)), np.nan),
        variance=variance,
    )
