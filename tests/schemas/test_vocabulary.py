"""The table of types and roles."""

import pytest

from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS, ROLES, strongest


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


LIGHT = [row.colour for row in ENTITY_TYPES.values()] + [PAPER_COLOURS[0]]
DARK = [row.colour_dark for row in ENTITY_TYPES.values()] + [PAPER_COLOURS[1]]


@pytest.mark.parametrize(
    ("colour", "ground"), [(c, "#ffffff") for c in LIGHT] + [(c, "#0f172a") for c in DARK], ids=str
)
def test_colours_can_be_read_on_their_ground(colour, ground):
    assert contrast(colour, ground) >= 4.5


def test_names_and_plurals_and_colours_are_distinct():
    rows = ENTITY_TYPES.values()
    for values in ([r.name for r in rows], [r.plural for r in rows], [r.colour for r in rows], [r.iri for r in rows]):
        assert len(set(values)) == len(rows)


def test_the_strongest_role_is_the_first_of_the_table():
    assert strongest(*reversed(ROLES)) == "introduces"
    assert strongest("mentions") == "mentions"
