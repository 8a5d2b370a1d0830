"""Places on the canvas for the nodes of a view, computed once so that no browser has to.

Forces settle the nodes first: ties pull, all nodes push apart, and a slight pull to the middle keeps separate parts
together (Fruchterman and Reingold, "Graph drawing by force-directed placement", 1991, with node masses as in
ForceAtlas2: Jacomy et al., 2014). That tells what is near what, but shows a ball of wool. So the picture is then
divided like a map: each community gets a cell of its own, as large as it has members and where the forces drew it (a
spatially ordered treemap: Wood and Dykes, 2008), and its nodes fill the cell, who was left of whom still being so. At
last, nodes whose label boxes still overlap are moved apart.

Coordinates are rounded in every step: sums of floats differ in their last bits from one processor to another, and
forces would blow that up into another picture.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kg.export.html.selection import Tie

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Box = tuple[float, float, float, float]  # left, top, right, bottom

__all__ = ["LABEL_HEIGHT", "Cell", "Places", "find_communities", "place_nodes"]

SPACING = 90.0  # canvas units between neighbouring nodes while the forces act
ASPECT = 1.4  # width over height of the picture: that of the stage on a usual screen
WANTED = 1.3  # width over height of a cell: in eight views no label box lies over another then, at 1.6 four do
CUT_BOTH = 12  # communities: so few are cut upright and across, at two places each; more the longer way, in the middle
FILLED = 0.32  # of the picture, by the boxes of nodes and labels: at 0.4, 4 of 118 boxes find no room in their cell
CAPTION = 34.0  # canvas units at the top of a cell, for the name of the community
LABEL_HEIGHT = 15.0  # canvas units of a line, below its dot
MARGIN = 16.0  # between the border of a cell and what is in it, and half of that between two cells
LEAST = 5  # members of a community; smaller ones join the one that they are tied to most
EVENNESS = 0.75  # how much of a cell is filled evenly: at 0 as the forces left it, at 1 labels have most room
OVERSHOOT = 0.9  # of what two boxes lack, each moves so much: at 0.6, twice as many overlap after 200 rounds
SEED = 20


class Cell(NamedTuple):
    """The rectangle of a community, in canvas units."""

    left: int
    top: int
    right: int
    bottom: int


class Places(NamedTuple):
    """Where everything stands."""

    nodes: list[tuple[int, int]]  # (x, y) of each
    cells: list[Cell]  # of each community


def find_communities(nodes: int, ties: Sequence[Tie]) -> list[int]:
    """Return the community of each node, numbered from 0 by size, largest first.

    Louvain's method (Blondel et al., "Fast unfolding of communities in large networks", 2008) with a fixed seed;
    communities of less than five join the one that they are tied to most.

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
    return _without_small(community, ties)


def _without_small(community: list[int], ties: Sequence[Tie]) -> list[int]:
    """Join small communities to others, the smallest first, and number what is left by size again."""
    members = Counter(community)
    for small in sorted(members, key=lambda number: (members[number], -number)):
        pulls: Counter[int] = Counter()
        for tie in ties:
            one, other = community[tie.one], community[tie.other]
            if one != other and small in (one, other):
                pulls[other if one == small else one] += round(1e6 * tie.strength)
        if members[small] < LEAST and pulls:
            target = min(pulls, key=lambda number: (-pulls[number], number))
            members[target] += members.pop(small)
            community = [target if number == small else number for number in community]
    order = {number: rank for rank, number in enumerate(sorted(members, key=lambda n: (-members[n], n)))}
    return [order[number] for number in community]


def place_nodes(
    nodes: int, ties: Sequence[Tie], communities: Sequence[int], boxes: Sequence[tuple[float, float]]
) -> Places:
    """Return whole coordinates for ``nodes`` nodes, around (0, 0), the same for the same call everywhere.

    Time and memory are quadratic in ``nodes``: 0.2 s for 200.

    Parameters
    ----------
    nodes, ties, communities
        The view, as from :func:`find_communities`.
    boxes
        Width and height of each node with its label (:data:`LABEL_HEIGHT` below the dot), in canvas units.

    Examples
    --------
    >>> place_nodes(1, [], [0], [(10, 10)]).nodes
    [(0, 9)]
    """
    if nodes == 0:
        return Places([], [])
    import numpy as np

    settled = _settle(_start(communities), _pulls(nodes, ties, communities))
    community = np.asarray(communities)
    size = np.asarray(boxes, dtype=float)
    dots = np.repeat(size[:, 1:] - LABEL_HEIGHT + 6, 2, axis=1)
    cells = _cells(settled, community, size.prod(axis=1))
    places = np.zeros_like(settled)
    for number, cell in enumerate(cells):
        here = community == number
        places[here] = _inside(cell, settled[here], size[here], dots[here])
    return Places([(round(float(x)), round(float(y))) for x, y in places], cells)


def _cells(places: Floats, community: npt.NDArray[np.int_], areas: Floats) -> list[Cell]:
    """Divide the picture among the communities, around (0, 0), by the areas that their members need."""
    import numpy as np

    numbers = range(int(community.max()) + 1)
    centres = [
        (float(x), float(y)) for x, y in (places[community == number].mean(axis=0).round(3) for number in numbers)
    ]
    weights = [float(areas[community == number].sum() + areas.mean()) for number in numbers]  # the mean: for a caption
    height = float(np.sqrt(sum(weights) / FILLED / ASPECT))
    half = MARGIN / 2

    def divide(members: list[int], box: Box) -> tuple[float, dict[int, Box]]:
        """How far from the wanted shape the cells are, and the cells, of the best of some ways to cut ``box``."""
        if len(members) == 1:
            return _misfit(box), {members[0]: box}
        ways = []
        axes = (0, 1) if len(members) <= CUT_BOTH else (int(box[3] - box[1] > (box[2] - box[0]) / WANTED),)
        for axis in axes:
            row = sorted(members, key=lambda number: (centres[number][axis], number))
            shares = list(accumulate(weights[number] for number in row))
            evenness = sorted(range(len(row) - 1), key=lambda cut: (abs(shares[cut] - shares[-1] / 2), cut))
            for cut in evenness[: len(axes)]:
                first, second = _cut(box, axis, shares[cut] / shares[-1])
                one, other = divide(row[: cut + 1], first), divide(row[cut + 1 :], second)
                ways.append((round(one[0] + other[0], 6), one[1] | other[1]))
        return min(ways, key=lambda way: way[0])

    _, boxes = divide(list(numbers), (-height * ASPECT / 2, -height / 2, height * ASPECT / 2, height / 2))
    corners = (boxes[number] for number in numbers)
    return [Cell(round(x0 + half), round(y0 + half), round(x1 - half), round(y1 - half)) for x0, y0, x1, y1 in corners]


def _cut(box: Box, axis: int, share: float) -> tuple[Box, Box]:
    """Cut ``box`` upright (``axis`` 0) or across, so that the first part has ``share`` of it."""
    left, top, right, bottom = box
    if axis == 0:
        middle = left + share * (right - left)
        return (left, top, middle, bottom), (middle, top, right, bottom)
    middle = top + share * (bottom - top)
    return (left, top, right, middle), (left, middle, right, bottom)


def _misfit(box: Box) -> float:
    """How far ``box`` is from the wanted shape: a strip is worse than some slight misfits, a large one than a small."""
    wide, tall = box[2] - box[0], box[3] - box[1]
    return math.log(wide / tall / WANTED) ** 2 * math.sqrt(wide * tall)


def _inside(cell: Cell, places: Floats, size: Floats, dots: Floats) -> Floats:
    """Fill a cell with the nodes at ``places``; none leaves it, label included, and no dot covers another."""
    import numpy as np

    low = np.array([cell.left + MARGIN, cell.top + CAPTION]) + size / 2
    high = np.array([cell.right - MARGIN, cell.bottom - MARGIN]) - size / 2
    middle = (low + high) / 2
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    rank = places.argsort(axis=0, kind="stable").argsort(axis=0) / max(1, len(places) - 1)
    extent = np.maximum(places.max(axis=0) - places.min(axis=0), 1)
    share = EVENNESS * rank + (1 - EVENNESS) * (places - places.min(axis=0)) / extent
    if len(places) == 1:
        share = np.full_like(places, 0.5)
    filled: Floats = np.round(low + share * (high - low), 3)
    return _separate(_separate(filled, size, low, high), dots, low, high)


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


def _separate(places: Floats, size: Floats, low: Floats, high: Floats, rounds: int = 200) -> Floats:
    """Push overlapping boxes apart within their bounds, along the axis on which they overlap least.

    Every third round pushes along both axes: that frees boxes that stand wedged at a border.
    """
    import numpy as np

    wide, tall = (np.add.outer(size[:, axis], size[:, axis]) / 2 for axis in (0, 1))
    for number in range(rounds):
        aside, above = (np.subtract.outer(places[:, axis], places[:, axis]) for axis in (0, 1))
        one, other = np.nonzero(np.triu((np.abs(aside) < wide) & (np.abs(above) < tall), 1))
        if not len(one):
            break
        apart = np.stack([aside[one, other], above[one, other]], axis=1)
        lack = np.stack([wide[one, other], tall[one, other]], axis=1) - np.abs(apart)
        least = lack == lack.min(axis=1, keepdims=True)
        push = np.where(least | (number % 3 == 2), lack, 0) * np.where(apart < 0, -1, 1) * OVERSHOOT
        moves = np.zeros_like(places)
        np.add.at(moves, one, push)
        np.subtract.at(moves, other, push)
        moved: Floats = np.clip(places + np.clip(moves, -40, 40), low, high)
        places = np.round(moved, 3)
    return places
