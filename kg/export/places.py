"""A place for every node of a graph of any size, in time linear in its edges: where a layout program starts from.

What is named together stands together: the coordinates are the two slowest ways in which differences between
neighbours even out over the links (the eigenvectors of the normalised adjacency after the first; Koren, "Drawing graphs
by eigenvectors", 2005), found by subspace iteration. Such a picture crowds in its middle, so that of each coordinate
only the rank is kept: nodes fill a square evenly. To be refined by the layouts of Gephi (ForceAtlas 2) or Cytoscape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["place_all"]

ROUNDS: Final = 80
SPACING: Final = 30.0  # between neighbours, on the average; Gephi draws a node 10 wide by default
SEED: Final = 20


def place_all(nodes: int, edges: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Return ``(x, y)`` of each node, around (0, 0), the same for the same call.

    Parameters
    ----------
    nodes
        How many.
    edges
        Numbers of nodes, from 0; direction and repetition do not matter.

    Examples
    --------
    >>> len(set(place_all(4, [(0, 1), (2, 3)])))
    4
    """
    if nodes == 0:
        return []
    import numpy as np

    ends = np.array(sorted({(min(edge), max(edge)) for edge in edges}), dtype=np.int64).reshape(-1, 2)
    source, target = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
    degree = np.bincount(source, minlength=nodes) + 1.0  # a link to itself keeps what has no other where it is
    first = np.sqrt(degree)
    first /= np.linalg.norm(first)
    axes = np.random.default_rng(SEED).standard_normal((nodes, 2))
    for _ in range(ROUNDS):
        even = axes / np.sqrt(degree)[:, None]
        for axis in (0, 1):
            axes[:, axis] = np.bincount(target, weights=even[source, axis], minlength=nodes) + even[:, axis]
        axes = axes / np.sqrt(degree)[:, None]
        axes -= first[:, None] * (first @ axes)
        axes = np.round(_orthogonal(axes), 12)
    width = SPACING * np.sqrt(nodes)
    ranks = axes.argsort(axis=0, kind="stable").argsort(axis=0) / max(1, nodes - 1) - 0.5
    return [(round(float(x), 2), round(float(y), 2)) for x, y in ranks * width]


def _orthogonal(axes: Floats) -> Floats:
    """Return two axes of length 1 that do not repeat each other (Gram and Schmidt)."""
    import numpy as np

    one, other = axes[:, 0], axes[:, 1]
    one = one / (np.linalg.norm(one) or 1.0)
    other = other - one * (one @ other)
    return np.stack([one, other / (np.linalg.norm(other) or 1.0)], axis=1)
