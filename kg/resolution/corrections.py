"""The user's corrections applied: names and ids to clusters, before and after the clustering."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from kg.curation import NO_IDENTITY, Curation, nearest
from kg.names import key, normal_form, plain
from kg.resolution.clusters import Clusters
from kg.resolution.forms import Node, kinds
from kg.resolution.matches import Match
from schemas.errors import CurationError

if TYPE_CHECKING:
    from kg.resolve import Draft

__all__ = ["NO_CORRECTIONS", "Corrections"]


@dataclass(frozen=True, slots=True)
class Corrections:
    """A curation in terms of one draft's clusters."""

    curation: Curation
    spellings: Mapping[str, str] = field(default_factory=dict)  # surface form -> key of its own
    apart: tuple[tuple[Node, Node], ...] = ()
    same: tuple[tuple[Node, ...], ...] = ()
    kept: tuple[tuple[Node, str, str], ...] = ()  # the first of each group of same, with its id and label
    known: Mapping[str, Node] = field(default_factory=dict)  # ids of the draft

    @classmethod
    def read(cls, curation: Curation, draft: Draft) -> Corrections:
        """Find what a curation names in the draft that was made without it.

        Raises
        ------
        CurationError
            A name of ``same`` or ``different`` is unknown; the message names the nearest ones.
        """
        names = _Names(draft, curation)
        same = tuple(tuple(names.find(name, "same") for name in group) for group in curation.same)
        apart, spellings = names.apart()
        return cls(
            curation=curation,
            spellings=spellings,
            apart=tuple(apart),
            same=same,
            kept=tuple((group[0], draft.ids[group[0]], draft.labels[group[0]]) for group in same),
            known={id_: root for root, id_ in draft.ids.items()},
        )

    @property
    def change_clusters(self) -> bool:
        """Whether the clustering has to be done again."""
        return bool(self.same or self.apart)

    def merge(self, clusters: Clusters) -> None:
        """Make the groups of ``same`` one.

        Raises
        ------
        CurationError
            ``different`` forbids it.
        """
        for group, names in zip(self.same, self.curation.same, strict=True):
            for node, name in zip(group[1:], names[1:], strict=True):
                if not clusters.join(group[0], node, Match(names[0], name, "curation"), force=True):
                    raise CurationError(
                        f"{self.curation.source}: same: {names[0]!r} and {name!r} cannot be one, for "
                        "`different` keeps apart what they are names of"
                    )

    def rewrite(self, draft: Draft) -> None:
        """Set the ids, labels and types that the user wants.

        Raises
        ------
        CurationError
            A name of ``rename`` or ``type`` is unknown.
        """
        forced = {draft.clusters.find(node): (id_, label) for node, id_, label in reversed(self.kept)}
        taken = {id_ for id_, _ in forced.values()}
        given = {*taken, *draft.ids.values(), *draft.known}
        for root, id_ in sorted(draft.ids.items()):
            if root in forced:
                draft.ids[root], draft.labels[root] = forced[root]
                draft.coined[root] = draft.labels[root]
            elif id_ in taken:
                draft.ids[root] = _free(f"{id_}-{draft.types[root].lower()}", given)
                given.add(draft.ids[root])
        names = _Names(draft, self.curation, self.known)
        for name, type_ in self.curation.type.items():
            draft.types[names.find(name, "type")] = type_
        for name, label in self.curation.rename.items():
            draft.labels[names.find(name, "rename")] = label

    def dropped(self, draft: Draft) -> set[Node]:
        """Return the clusters that are to be no entities.

        Raises
        ------
        CurationError
            A name of ``drop`` is unknown.
        """
        if not self.curation.drop:
            return set()
        names = _Names(draft, self.curation, self.known)
        return {names.find(name, "drop") for name in self.curation.drop}

    def decided(self, draft: Draft) -> dict[str, str | None]:
        """Return the ids of entities with the external IRI that the user gives them, None for "none".

        Raises
        ------
        CurationError
            A name of ``identity`` is unknown.
        """
        if not self.curation.identity:
            return {}
        names = _Names(draft, self.curation, self.known)
        found = {draft.ids[names.find(name, "identity")]: iri for name, iri in self.curation.identity.items()}
        return {id_: None if iri == NO_IDENTITY else iri for id_, iri in found.items()}


NO_CORRECTIONS = Corrections(Curation())


def _free(id_: str, taken: set[str]) -> str:
    number, free = 1, id_
    while free in taken:
        number += 1
        free = f"{id_}-{number}"
    return free


class _Names:
    """Ids, surface forms and their variants -> clusters of a draft."""

    def __init__(self, draft: Draft, curation: Curation, former: Mapping[str, Node] | None = None) -> None:
        self._draft, self._curation = draft, curation
        self._ids = {id_: root for root, id_ in draft.ids.items()}
        self._former = former or {}
        self._surfaces: dict[str, dict[Node, int]] = defaultdict(dict)
        self._keys: dict[str, dict[Node, int]] = defaultdict(lambda: defaultdict(int))
        for root, aliases in draft.aliases.items():
            self._surfaces[draft.labels[root]].setdefault(root, 0)
            for surface, papers in aliases.items():
                self._surfaces[surface][root] = papers
                self._keys[draft.speller(surface).key][root] += papers

    def find(self, name: str, where: str) -> Node:
        """Return the cluster of an id or name; of several with that name, the one of most papers that use it."""
        if name in self._ids:
            return self._ids[name]
        for table, form in ((self._surfaces, plain(name)), (self._keys, key(normal_form(name)))):
            if found := table.get(form):
                return min(found, key=lambda root: (-found[root], -self._draft.clusters.size(root), root))
        if name in self._former:
            return self._draft.clusters.find(self._former[name])
        if (gone := self._draft.traced.went.get(name)) is not None:
            return gone
        hint = nearest(name, [*self._surfaces, *self._ids])
        raise CurationError(f"{self._curation.source}: {where}: no entity {name!r} in this graph{hint}")

    def apart(self) -> tuple[list[tuple[Node, Node]], dict[str, str]]:
        """Return the nodes to keep apart, and keys for spellings that would else be the same form."""
        pairs: list[tuple[Node, Node]] = []
        spellings: dict[str, str] = {}
        for group in self._curation.different:
            group = self._written(group)
            keys = [self._own_key(name, spellings, group[:i]) for i, name in enumerate(group)]
            for one, other in combinations(range(len(group)), 2):
                pairs += self._pairs(group[one], keys[one], group[other], keys[other])
        return pairs, spellings

    def _written(self, group: tuple[str, ...]) -> tuple[str, ...]:
        """The names of ids that stand for no cluster, or for one with another of the group; all else as it is."""
        roots = [self.find(name, "different") for name in group]
        written = []
        for name, root in zip(group, roots, strict=True):
            if name not in self._ids and name in self._draft.known:
                name = self._draft.known[name].name
            elif name in self._ids and roots.count(root) > 1:
                name = self._draft.coined[root]
            written.append(name)
        return tuple(written)

    def _own_key(self, name: str, spellings: dict[str, str], before: tuple[str, ...]) -> str:
        form = key(normal_form(name))
        if name in self._ids or form not in {key(normal_form(other)) for other in before if other not in self._ids}:
            return form
        spellings[plain(name)] = f"{form} {plain(name)}"
        return spellings[plain(name)]

    def _pairs(self, one: str, key_one: str, other: str, key_other: str) -> Iterator[tuple[Node, Node]]:
        left, right = self._nodes(one, key_one), self._nodes(other, key_other)
        if set(left) & set(right):
            raise CurationError(f"{self._curation.source}: different: {one!r} and {other!r} are the same name")
        return ((a, b) for a in left for b in right)

    def _nodes(self, name: str, form: str) -> list[Node]:
        """An id means one cluster, a name what it says under any type."""
        return [self._ids[name]] if name in self._ids else [Node(kind, form) for kind in kinds()]
