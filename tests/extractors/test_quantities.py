"""Quantities as papers write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.quantities import UNITS, find_quantities, parse_quantity


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("76.5%", 76.5, "%"),
        ("76.5 %", 76.5, "%"),
        ("15 percent", 15, "%"),
        ("+2.3 points", 2.3, "points"),
        ("-4.0 points", -4, "points"),
        ("5 percentage points", 5, "points"),
        ("5pp", 5, "points"),
        ("2.4x", 2.4, "x"),
        ("2.4X", 2.4, "x"),
        ("3×", 3, "x"),
        ("60 times", 60, "x"),
        ("10-fold", 10, "x"),
        ("ten-fold", 10, "x"),
        ("nine times", 9, "x"),
        ("half", 0.5, "x"),
        ("tripling", 3, "x"),
        ("an order of magnitude", 1, "orders of magnitude"),
        ("two orders of magnitude", 2, "orders of magnitude"),
        ("several orders of magnitude", None, "orders of magnitude"),
        ("39.6", 39.6, None),
        (".878", 0.878, None),
        ("12,500", 12500, None),
        ("100K", 100_000, None),
        ("3.5 million", 3_500_000, None),
        ("30 fps", 30, "fps"),
        ("0.1 ms", 0.1, "ms"),
        ("19.2GB", 19.2, "GB"),
        ("one hour", 1, "h"),
        ("70+%", 70, "%"),
        (">50fps", 50, "fps"),
        ("~15%", 15, "%"),
        ("≈ 15%", 15, "%"),
        ("8/71", 8, None),
        ("3 out of 8", 3, None),
        ("2nd", 2, "rank"),
        ("4^th", 4, "rank"),
    ],
)
def test_number_and_unit(text, number, unit):
    quantity = parse_quantity(text)
    assert (quantity.number, quantity.unit, quantity.last) == (number, unit, None)


@pytest.mark.parametrize(
    ("text", "first", "last", "unit"),
    [
        ("2-4%", 2, 4, "%"),
        ("66%-73%", 66, 73, "%"),
        ("4% - 6%", 4, 6, "%"),
        ("1.9-3.3x", 1.9, 3.3, "x"),
        ("3x to 7x", 3, 7, "x"),
        ("80% to 90%", 80, 90, "%"),
        ("2.16×∼2.62×", 2.16, 2.62, "x"),
    ],
)
def test_ranges(text, first, last, unit):
    quantity = parse_quantity(text)
    assert (quantity.number, quantity.last, quantity.unit) == (first, last, unit)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "GPT-4", "ResNet-50", "top-1", "3D", "4-bit", "5-shot", "F1", "x", "%", "points", "1e", "v2.0"),
        *("76.5% and 80%", "about", "9" * 21, "1" * 100_000, "a point", "2024-05-01T", "10^6", "@10", "1.2.3"),
    ],
)
def test_what_is_no_quantity(text):
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rises from 57.2% to 65.3%.", ["57.2%", "65.3%"]),
        ("The error of 34.7% to 4.3%.", ["34.7%", "4.3%"]),
        ("AUCs ranging from 71.5 to 77.6 here", ["71.5 to 77.6"]),
        ("between 74.4 and 92.9% agreement", ["74.4 and 92.9%"]),
        ("improves it by up to 3.2% to 6.1%", ["3.2% to 6.1%"]),
        ("improves it by 2.5 and 3.5 points", ["2.5", "3.5 points"]),
        ("gains of 2+ points and 10+ BLEU", ["2+ points", "10+"]),
        ("gains of 10% to 20% over it", ["10% to 20%"]),
        ("83.4% vs. 60.0% at 4k", ["83.4%", "60.0%", "4k"]),
        ("on Foo (5.9%→10.9%)", ["5.9%", "10.9%"]),
        ("by 1.37/1.26 on Bar", ["1.37", "1.26"]),
        ("2.8% and 3.2% absolute points respectively", ["2.8%", "3.2%"]),
        ("GPT-3 gains 2.5 points and LLaMA-2-7B is 3x faster.", ["2.5 points", "3x"]),
        ("an approx13% drop", ["13%"]),
        ("ranked 3rd of 20 teams", ["3rd", "20"]),
        ("it is ranked second overall", ["second"]),
        ("we won the first place", ["first"]),
        ("our first contribution", []),
        ("It is twice as fast and halves the cost", ["twice", "halves"]),
        ("accuracy (0.98 AUC and 0.05 EER).", ["0.98", "0.05"]),
        ("reaches 39.6 mAP, 5 BLEU.", ["39.6", "5"]),
    ],
)
def test_quantities_in_sentences(text, expected):
    assert [found.text for found in find_quantities(text)] == expected


@given(st.text(alphabet="0123456789.,%x-+/ to×kM∼~<>fandrgeh", max_size=60))
def test_found_quantities_stand_where_they_say(text):
    end = 0
    for found in find_quantities(text):
        assert text[found.start : found.end] == found.text
        assert end <= found.start < found.end
        assert found.unit is None or found.unit in {*UNITS.values(), "rank"}
        end = found.end


@pytest.mark.parametrize(
    "piece",
    [
        *("1", "1,", ",111", "1.", ".1", "1-", "1/", "1 to ", "- ", "+", " ", "a ", "1%", "from ", "an order of "),
        *("1 out of ", "%/", "1 point", "between 1 and ", "approx", "half", "rank "),
    ],
)
def test_time_grows_with_the_text_and_no_faster(piece):
    """Eight times the text takes about eight times the time, however the patterns are led on."""

    def seconds(n):
        text = piece * n
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            find_quantities(text)
            best = min(best, time.process_time() - started)
        return best

    assert seconds(8_000) < 40 * seconds(1_000) + 0.01
