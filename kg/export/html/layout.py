"""Places on the canvas for the nodes of a view, computed once so that no browser has to.

Communities are found first and start in their own sectors of a circle; then forces settle the nodes: ties pull, all
nodes push apart, and a slight pull to the middle keeps separate parts together (Fruchterman and Reingold, "Graph
drawing by force-directed placement", 1991, with node masses as in ForceAtlas2: Jacomy et al., 2014). At last, nodes
whose label boxes still overlap are moved apart.

Coordinates are rounded in every step: sums of floats differ in their last bits from one processor to another, and
forces would blow that up into another picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.export.html.selection import Tie

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["find_communities", "place_nodes"]

SPACING = 90.0  # canvas units between neighbouring nodes while the forces act
ASPECT = 1.5  # width over height of the picture: that of the stage on a usual screen
AREA_EACH = 6000.0  # canvas units squared: a label of 100 by 17 with room for its dot and neighbours
EVENNESS = (
    0.6  # how much of the picture is filled evenly: at 0 communities stand apart most, at 1 labels have most room
)
OVERSHOOT = (
    0.6  # of what two boxes lack, each moves so much: at 0.25, 61 of 150 still overlap after 200 rounds, here none
)
SEED = 20


def find_communities(nodes: int, ties: Sequence[Tie]) -> list[int]:
    """Return the community of each node, numbered from 0 by size, largest first.

    Louvain's method (Blondel et al., "Fast unfolding of communities in large networks", 2008) with a fixed seed.

    Examples
    --------
    >>> find_communities(4, [Tie(0, 1, 1, 1.0), Tie(2, 3, 1, 1.0)])
    [0, 0, 1, 1]
    """
    import networkx as nx

    network: nx.Graph[int] = nx.Graph()
    network.add_nodes_from(range(nodes))
    network.add_weighted_edges_from((tie.one, tie.other, tie.strength) for tie in ties)
    found = nx.community.louvain_communities(network, weight="weight", seed=SEED) if nodes else []
    community = [0] * nodes
    for number, members in enumerate(sorted(found, key=lambda members: (-len(members), min(members)))):
        for member in members:
            community[member] = number
    return community


def place_nodes(
    nodes: int, ties: Sequence[Tie], communities: Sequence[int], boxes: Sequence[tuple[float, float]]
) -> list[tuple[int, int]]:
    """Return whole coordinates for ``nodes`` nodes, around (0, 0), the same for the same call everywhere.

    Time and memory are quadratic in ``nodes``: 0.2 s for 200.

    Parameters
    ----------
    nodes, ties, communities
        The view, as from :func:`find_communities`.
    boxes
        Width and height of each node with its label, in canvas units.

    Examples
    --------
    >>> place_nodes(1, [], [0], [(10, 10)])
    [(0, 0)]
    """
    if nodes == 0:
        return []
    places = _settle(_start(communities), _pulls(nodes, ties, communities))
    places = _centred(_separate(_fitted(places), boxes))
    return [(round(float(x)), round(float(y))) for x, y in places]


def _pulls(nodes: int, ties: Sequence[Tie], communities: Sequence[int]) -> Floats:
    """The symmetric matrix of pulls: stronger within a community, so that communities can be told apart."""
    import numpy as np

    pulls = np.zeros((nodes, nodes))
    for tie in ties:
        within = communities[tie.one] == communities[tie.other]
        pulls[tie.one, tie.other] = pulls[tie.other, tie.one] = (0.4 + tie.strength) * (1.6 if within else 0.5)
    return pulls


def _start(communities: Sequence[int]) -> Floats:
    """Communities on a circle, each on a small circle of its own (no random numbers needed)."""
    import numpy as np

    community = np.asarray(communities, dtype=float)
    nodes = len(community)
    around = 2 * np.pi * community / (community.max() + 1)
    golden = np.arange(nodes) * 2.399963229728653  # the golden angle spreads any number of points evenly
    radius = SPACING * np.sqrt(nodes)
    centres = np.stack([ASPECT * np.cos(around), np.sin(around)], axis=1) * radius
    offsets = np.stack([np.cos(golden), np.sin(golden)], axis=1) * np.sqrt(np.arange(nodes) + 1)[:, None] * 12
    start: Floats = np.round(centres + offsets, 3)
    return start


def _settle(places: Floats, pulls: Floats) -> Floats:
    import numpy as np

    nodes = len(places)
    steps = max(60, min(300, 20_000_000 // (nodes * nodes)))
    masses = np.sqrt(1 + (pulls > 0).sum(axis=1))
    together = masses[:, None] * masses[None, :]
    shape = np.array([1 / ASPECT, 1.0])
    for step in range(steps):
        aside, above = (np.subtract.outer(places[:, axis], places[:, axis]) for axis in (0, 1))
        squared = aside * aside + above * above + 1e-6
        force = SPACING**2 * together / squared - pulls * np.sqrt(squared) / SPACING
        pushed = np.stack([(aside * force).sum(axis=1), (above * force).sum(axis=1)], axis=1)
        move = pushed / masses[:, None] - 0.6 * places * shape
        length = np.sqrt((move**2).sum(axis=1))[:, None] + 1e-9
        heat = SPACING * np.sqrt(nodes) * 0.12 * (1 - step / steps) ** 1.5 + 0.5
        places = np.round(places + move / length * np.minimum(length, heat), 3)
    return places


def _fitted(places: Floats) -> Floats:
    """Fill a picture that gives each node the area of its label.

    Half of a coordinate comes from its rank among all: what lies far out is drawn in, what is crowded gets room, and
    who is left of whom stays.
    """
    import numpy as np

    nodes = len(places)
    height = np.sqrt(AREA_EACH * nodes / ASPECT)
    extent = np.maximum(places.max(axis=0) - places.min(axis=0), 1)
    rank = places.argsort(axis=0, kind="stable").argsort(axis=0) / max(1, nodes - 1) - 0.5
    even = EVENNESS * rank + (1 - EVENNESS) * _centred(places) / extent
    fitted: Floats = np.round(even * np.array([height * ASPECT, height]), 3)
    return fitted


def _centred(places: Floats) -> Floats:
    centred: Floats = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return centred


def _separate(places: Floats, boxes: Sequence[tuple[float, float]], rounds: int = 200) -> Floats:
    """Push overlapping boxes apart, each time along the axis on which they overlap least."""
    import numpy as np

    size = np.asarray(boxes, dtype=float)
    wide, high = (np.add.outer(size[:, axis], size[:, axis]) / 2 for axis in (0, 1))
    for _ in range(rounds):
        aside, above = (np.subtract.outer(places[:, axis], places[:, axis]) for axis in (0, 1))
        one, other = np.nonzero(np.triu((np.abs(aside) < wide) & (np.abs(above) < high), 1))
        if not len(one):
            break
        apart = np.stack([aside[one, other], above[one, other]], axis=1)
        lack = np.stack([wide[one, other], high[one, other]], axis=1) - np.abs(apart)
        least = lack == lack.min(axis=1, keepdims=True)
        push = np.where(least, lack, 0) * np.where(apart < 0, -1, 1) * OVERSHOOT
        moves = np.zeros_like(places)
        np.add.at(moves, one, push)
        np.subtract.at(moves, other, push)
        places = np.round(places + np.clip(moves, -40, 40), 3)
    return places
