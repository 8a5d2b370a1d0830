"""The time that a text takes grows with its length, whatever it is: what its characters are, or how they are nested.

``test_expressions.py`` looks at each regular expression; here, at all that is done with a text. Only times of the same
run are compared, those of the processor.
"""

import io
import time

import pytest
from targets import pipeline

from kg.names import normal_form
from kg.readers import read_stream
from schemas.text import readable

SIZE = 8_000  # characters, beside a quarter of them
RATIO = 8  # 4 where time grows with the length, 16 with its square
MEASURABLE = 4e-3  # seconds
TRIES = 4

SIGNS = [
    *("(", ")", "[", "()", "((a)", "{", "}", "{a", "\\", "\\a{", "\\'e", "$", "$a ", "^", "_{", "&", "&amp;", "&amp"),
    *("<", "<a", "<i>", "</i>", "`", "'", '"', "-", "a-", ".", "A.", "A. ", ",", "1,", "1.1", "%", "1-", "+", "#", "@"),
    *(
        "a",
        "A",
        "é",
        "e\u0301",
        "中",
        "\n",
        " ",
        "\t",
        "\u200b",
        "\ufb01",
        "\x00",
        "https://a/",
        "http://a",
        "AaA",
        "A1",
    ),
]
PHRASES = [
    *("BERT ", "(BERT) ", "BERT (B) ", "B (", "a, or B ", "short for ", "i.e. ", "et al. ", "of ", "Xs ", "our X, "),
    *("F1 ", "F1 1 ", "1% ", "1,000 ", "from 1 to 2 ", "between 1 and ", "2x faster ", "ranked ", "neural networks "),
]
STARTS = {
    "jsonl": ['{"title": "', '{"title": "a", "authors": ["', '{"a": ['],
    "csv": ["title,abstract\n", 'title\n"'],
    "bibtex": ["@article{a, title = {", '@article{a, author = "'],
    "ris": ["TY  - JOUR\nTI  - "],
    "xml": ['<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>'],
    "pages": ["On X\nA Bee - 2019 - example.org\n"],
    "plain": ["Title: "],
}
PARTS = [
    *(
        '{"',
        '"a",',
        '{"title": "a"}\n',
        '""',
        "@article{",
        "@string{a = ",
        "= ",
        " and ",
        "AU  - a\n",
        "TY  - \nER  - \n",
    ),
    *("<a>", "</a>", "<a b='", "<!--", "<![CDATA[", "&#1;", "Cited by 3\n", "Abstract: a\n", "title,", "\\u0041", "a;"),
]


def growth(function, word):
    """Return the times of a text and of a quarter of it, if that is too much."""
    texts = [word * (size // len(word)) for size in (SIZE, SIZE // 4)]
    least = [float("inf")] * 2
    for _ in range(TRIES):
        for i, text in enumerate(texts):
            started = time.thread_time()
            function(text)
            least[i] = min(least[i], time.thread_time() - started)
            if least[0] < MEASURABLE:
                return None
        if least[0] < RATIO * least[1]:
            return None
    return least


@pytest.mark.parametrize("function", [readable, normal_form])
def test_cleaning_and_naming(function):
    found = {word: growth(function, word) for word in SIGNS + PHRASES}
    assert not any(found.values()), {word: times for word, times in found.items() if times}


@pytest.mark.parametrize("word", SIGNS + PHRASES)
def test_extraction(word):
    assert not growth(pipeline(), word)


@pytest.mark.parametrize("name", STARTS)
def test_reading(name):
    def read(text):
        for _ in read_stream(io.BytesIO(text.encode()), "input", format=name):
            pass

    found = {
        (start, word): growth(lambda text, start=start: read(start + text), word)
        for start in ["", *STARTS[name]]
        for word in SIGNS + PARTS
    }
    assert not any(found.values()), {word: times for word, times in found.items() if times}
