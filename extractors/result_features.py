"""What is looked at to tell whether a quantity is a result, and which names in the document belong to it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from extractors.layout import Item, Layout, beside, stem
from extractors.quantities import Quantity
from extractors.result_candidates import Candidate, Figure, Reading
from extractors.result_phrases import Phrase

__all__ = ["link_features", "value_features"]

_MARKS: Final = frozenset({",", "and", "or", "/", ";", "&"})
_PAIRING: Final = frozenset({"to", "vs", "vs.", "versus", "→", "->", "rightarrow"})  # two figures of one thing
_WITHIN: Final = _MARKS | {"the", "(", ")", "dataset", "datasets", "benchmark", "benchmarks"}  # a list of names


def _bucket(value: float, edges: Sequence[float]) -> int:
    return bisect_left(edges, value)


def _list_of(reading: Reading, i: int) -> tuple[int, int]:
    """The first and the last figure of the enumeration in which the figure at item ``i`` stands."""
    at = {figure.item for figure in reading.figures}
    ends = []
    for step in (-1, 1):
        end, j = i, i + step
        while 0 <= j < len(reading.items) and (
            j in at or reading.items[j].text in _MARKS or reading.items[j].text in _PAIRING
        ):
            end = j if j in at else end
            j += step
        ends.append(end)
    return ends[0], ends[1]


def _around(items: Sequence[Item], first: int, last: int) -> Iterator[str]:
    left = ["^"] * (first < 3) + [item.text for item in items[max(0, first - 3) : first]]
    right = [item.text for item in items[last + 1 : last + 4]] + ["$"] * (last + 4 > len(items))
    yield from beside(left, right)
    if left and right:
        yield f"between={left[-1]} {right[0]}"


def _of_number(quantity: Quantity) -> Iterator[str]:
    number = quantity.number
    yield f"unit={quantity.unit}"
    yield f"sign={quantity.text[0] if quantity.text[0] in '+-−<>' else ''}"
    yield f"range={quantity.last is not None}"
    yield f"digits={any(c.isdigit() for c in quantity.text)}"
    if number is not None:
        whole = number == int(number) and "." not in quantity.text
        size = _bucket(abs(number), (0, 0.999, 1, 10, 100, 1000, 1e6))
        yield f"number={'whole' if whole else 'point'} {size} {quantity.unit in ('%', 'x', 'points')}"
        if whole and 1900 <= number <= 2100 and quantity.unit is None:
            yield "year"
    if quantity.text[-1] in "kKMBGT":
        yield f"scale={quantity.text[-1]}"


def value_features(layout: Layout, reading: Reading, figure: Figure) -> list[str]:
    """Return what tells whether a figure is a result, and whether that is absolute or a gain."""
    items, i = reading.items, figure.item
    found = list(_of_number(figure.quantity))
    unit = figure.quantity.unit
    found += _around(items, i, i)
    first, last = _list_of(reading, i)
    if (first, last) != (i, i):
        found += [f"list {name}" for name in _around(items, first, last)]
    found.append(f"in list={first != last}")
    for side, words in (("left", items[max(0, first - 8) : first]), ("right", items[last + 1 : last + 9])):
        found += [f"near {side}={item.text}" for item in words]
        found += [f"near {side}={item.text}, unit={unit}" for item in words]
    found += [f"sentence has={item.text}" for item in items if item.text.isalpha() or item.entity >= 0]
    found += [f"far={name}" for name in _nearest_types(items, i)]
    sentences = len(layout.sentences)
    found.append(f"at={_bucket(reading.number / max(1, sentences - 1), (0, 0.25, 0.5, 0.75, 0.99))}")
    found.append(f"after contribution={reading.number >= layout.contribution}")
    found.append(f"figures={min(len(reading.figures), 5)}")
    found.append(f"title={layout.sentences[reading.number].is_title}")
    return found


def _nearest_types(items: Sequence[Item], i: int) -> Iterator[str]:
    """The distance to the nearest mention of each type on either side."""
    for side, step in (("left", -1), ("right", 1)):
        seen = set()
        j = i + step
        while 0 <= j < len(items) and abs(j - i) <= 20:
            if items[j].entity >= 0 and items[j].text not in seen:
                seen.add(items[j].text)
                yield f"{side} {items[j].text} {_bucket(abs(j - i), (1, 2, 4, 8))}"
            j += step


def link_features(layout: Layout, reading: Reading, figure: Figure, others: Sequence[Candidate]) -> Iterator[list[str]]:
    """Yield for each of the candidates ``others`` what tells whether it is what a field of a figure names."""
    listed = _units(reading, _list_of(reading, figure.item))
    at: dict[str, list[int]] = {}
    for other in others:
        if other.item >= 0:
            at.setdefault(other.kind, []).append(other.item)
    shared = {kind: _of_kind(reading, figure, others, kind) for kind in {other.kind for other in others}}
    for candidate in others:
        kind = candidate.kind
        found = list(shared[kind])
        if candidate.entity >= 0:
            found += _of_entity(layout, candidate, kind)
            found += _of_sentences(layout, reading, candidate)
        if candidate.name is not None:
            found += _of_name(candidate.name, kind, figure.quantity.unit)
        if candidate.phrase is not None:
            found += _of_phrase(reading, candidate.phrase)
        if candidate.item >= 0:
            group = _names_beside(reading, candidate.item) if candidate.entity >= 0 else []
            found += _of_distance(reading, figure, candidate, at[kind], listed, group)
            if group:
                found += _of_order(reading, figure, candidate, listed, group)
        yield found


def _of_kind(reading: Reading, figure: Figure, others: Sequence[Candidate], kind: str) -> list[str]:
    """What all candidates of one kind have in common."""
    here = sum(other.kind == "mention" for other in others)
    kinds = sorted({other.kind for other in others if other.kind not in ("phrase", "part") and other.kind[0] != "<"})
    items = reading.items
    left, right = items[max(0, figure.item - 3) : figure.item], items[figure.item + 1 : figure.item + 4]
    return [
        f"kind={kind}",
        f"kind={kind}, unit={figure.quantity.unit}",
        f"kind={kind}, here={min(here, 3)}",
        f"kind={kind}, figures={min(len(reading.figures), 4)}",
        f"kind={kind}, all={' '.join(kinds)}",
        *(f"kind={kind}, has={has}" for has in kinds),
        *(f"kind={kind}, near left={item.text}" for item in left),
        *(f"kind={kind}, near right={item.text}" for item in right),
    ]


def _of_name(name: str, kind: str, unit: str | None) -> Iterator[str]:
    words = name.lower().split()
    head = stem(words[-1])
    yield f"{kind} name={name.lower()}"
    yield f"{kind} head={head}"
    yield f"{kind} head={head}, unit={unit}"
    yield f"head={head}"
    yield f"head={head}, unit={unit}"


def _of_phrase(reading: Reading, phrase: Phrase) -> Iterator[str]:
    words = phrase.text.lower().split()
    if phrase.lost:
        yield f"part lost={phrase.lost}"
        yield f"part known={phrase.is_known}"
        yield f"part length={len(words)}"
        return
    yield from (f"phrase has={word}" for word in words[:-1])
    yield f"phrase known={phrase.is_known}"
    length = phrase.last - phrase.first + 1
    yield f"phrase length={length} of {min(phrase.run, 5)}"
    yield f"phrase whole={length == phrase.run}"
    yield f"phrase shape={_shape(phrase.text)}"
    yield f"phrase first={words[0]}"
    if length < phrase.run:
        yield f"phrase without={reading.items[phrase.first - 1].text}"
    yield f"phrase holds={' '.join(i.text for i in reading.items[phrase.first : phrase.last + 1] if i.entity >= 0)}"


def _shape(text: str) -> str:
    if text == text.lower():
        return "lower"
    return "capitals" if text == text.upper() else "mixed"


def _of_entity(layout: Layout, candidate: Candidate, kind: str) -> Iterator[str]:
    entity = layout.entities[candidate.entity]
    same = [i for i, other in enumerate(layout.entities) if other.type == entity.type]
    most = max(layout.rank[i] for i in same)
    yield f"kind={kind}, role={entity.role}"
    yield f"kind={kind}, most named={layout.rank[candidate.entity] == most}"
    yield f"kind={kind}, of type={min(len(same), 4)}"
    yield f"kind={kind}, in title={entity.mentions[0].end <= layout.title_end}"
    introduced = [i for i in same if layout.entities[i].role == "introduces"]
    if introduced:
        yield f"kind={kind}, first introduced={introduced[0] == candidate.entity}"


def _of_sentences(layout: Layout, reading: Reading, candidate: Candidate) -> Iterator[str]:
    """How many sentences before the nearest mention is, and how the entity is used, where it is not in the sentence."""
    numbers = [place.sentence for place in layout.places[candidate.entity]]
    before = [reading.number - number for number in numbers if number < reading.number]
    role, kind = layout.entities[candidate.entity].role, candidate.kind
    gap = min(min(before), 4) if before else "after"
    yield f"kind={kind}, gap={gap}"
    yield f"kind={kind}, gap={gap}, role={role}"
    yield f"kind={kind}, role={role}, mentions={min(len(numbers), 3)}"
    rivals = sum(
        other.type == layout.entities[candidate.entity].type and other.role == role for other in layout.entities
    )
    yield f"kind={kind}, role={role}, rivals={min(rivals, 3)}"


def _of_distance(
    reading: Reading,
    figure: Figure,
    candidate: Candidate,
    same: Sequence[int],
    listed: Sequence[Sequence[int]],
    group: Sequence[Sequence[int]],
) -> Iterator[str]:
    """How far apart the two stand, in what direction, and what stands between them.

    Parameters
    ----------
    same
        Items at which candidates of its kind stand.
    listed
        The list in which the figure stands.
    group
        The list in which the candidate stands, if it is an entity.
    """
    items = reading.items
    first, last = candidate.item, candidate.last
    if len(group) == len(listed) > 1:  # lists in the same order: as a whole they are as far apart as their entries
        first, last = group[0][0], group[-1][-1]
    side = "left" if first < figure.item else "right"
    i, j = (listed[0][0], last) if side == "left" else (listed[-1][-1], first)
    if not (j < i if side == "left" else i < j):  # between the figures of a list
        i, j = figure.item, candidate.last if side == "left" else candidate.item
        side = "left" if j < i else "right"
    kind = _grouped(candidate)
    distance = _bucket(abs(i - j), (1, 2, 3, 4, 6, 9, 14, 20))
    between = [item.text for item in items[min(i, j) + 1 : max(i, j)]]
    yield f"{kind} {side} {distance}"
    yield f"{kind} {side} {distance}, unit={figure.quantity.unit}"
    if len(between) <= 5:
        yield f"{kind} {side} between={' '.join(between)}"
    if between:
        yield f"{kind} {side} first between={between[0]}"
        yield f"{kind} {side} last between={between[-1]}"
        yield from (f"{kind} {side} has between={word}" for word in sorted(set(between)))
    before = [item.text for item in items[max(0, first - 2) : first]]
    yield f"{kind} {side} before it={' '.join(before[-1:])}"
    yield f"{kind} {side} before it={' '.join(before)}"
    yield f"{kind} {side} after it={items[last + 1].text if last + 1 < len(items) else '$'}"
    figures_between = sum(min(i, j) < other.item < max(i, j) for other in reading.figures)
    same_between = sum(min(i, j) < item < max(i, j) for item in set(same))
    yield f"{kind} {side} figures between={min(figures_between, 3)}, names between={min(same_between, 3)}"
    yield f"{kind} {side} nearest={all(abs(item - i) >= abs(j - i) for item in same)}"
    yield f"{kind} {side} nearest on its side={same_between == 0}"


def _grouped(candidate: Candidate) -> str:
    return "mention" if candidate.kind == "mention" else "phrase" if candidate.phrase else "other"


def _units(reading: Reading, ends: tuple[int, int]) -> list[list[int]]:
    """The figures from one item to another; those that "to" or "vs." joins are one entry."""
    found: list[list[int]] = []
    for other in reading.figures:
        if ends[0] <= other.item <= ends[1]:
            if found and reading.items[other.item - 1].text in _PAIRING:
                found[-1].append(other.item)
            else:
                found.append([other.item])
    return found


def _names_beside(reading: Reading, j: int) -> list[list[int]]:
    """The enumeration in which the mention at item ``j`` stands: of each entity its mentions."""
    items = reading.items
    text, found = items[j].text, [j]
    for step in (-1, 1):
        k, gap = j + step, 0
        while 0 <= k < len(items) and gap <= 3:
            if items[k].text == text:
                found.append(k)
                gap = 0
            elif items[k].text in _WITHIN:
                gap += 1
            else:
                break
            k += step
    of_entity: dict[int, list[int]] = {}
    for k in sorted(found):
        of_entity.setdefault(items[k].entity, []).append(k)
    return list(of_entity.values())


def _place(lists: Sequence[Sequence[int]], item: int) -> int:
    return next(place for place, own in enumerate(lists) if item in own)


def _of_order(
    reading: Reading,
    figure: Figure,
    candidate: Candidate,
    listed: Sequence[Sequence[int]],
    group: Sequence[Sequence[int]],
) -> Iterator[str]:
    """Whether figure and name have the same place in lists of equal length ("2 and 3 on A and B")."""
    text, kind = reading.items[candidate.item].text, _grouped(candidate)
    if len(listed) > 1 or len(group) > 1:
        same = _place(listed, figure.item) == _place(group, candidate.item)
        fits = "equal" if len(listed) == len(group) else f"{min(len(listed), 2)} figures, {min(len(group), 2)} names"
        yield f"{kind} lists {fits}, same place={same}"
        if len(listed) == len(group):
            yield f"lists equal, same place={same}"
    names = [j for j, item in enumerate(reading.items) if item.text == text]
    if len(names) == len(reading.figures) > 1:
        same = names.index(candidate.item) == figure.order
        respectively = any(item.text == "respectively" for item in reading.items)
        yield f"{kind} equally many, same place={same}"
        yield f"{kind} equally many, same place={same}, respectively={respectively}"
