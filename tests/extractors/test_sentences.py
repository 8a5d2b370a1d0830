import pytest
import spacy
from spacy.tokens import Doc, DocBin

from extractors.sentences import sentence_starts
from extractors.tokenizer import configure_tokenizer


@pytest.fixture(scope="module")
def nlp():
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.add_pipe("kg_sentences")
    return nlp


def split(nlp, text):
    return [sentence.text.strip() for sentence in nlp(text).sents]


@pytest.mark.parametrize(
    "text",
    [
        "We follow Li et al. (2020) and Wu et al. 2021 here.",
        "Some models, e.g. BERT, i.e. Transformers, vs. RNNs, etc. are large.",
        "See Fig. 3 and Eq. 4 for approx. 5 points.",
        "It gains 2.5 points over GPT-3.5 and .5 over C4.5.",
        "Following J. Smith and A. B. Jones we count.",
        'On the "Let it Wag! benchmark" we win.',
        "On Yahoo! Answers it wins.",
        "The U.S. Congress votes.",
        "Visit github.com/someone/thing and example.org/x.",
    ],
)
def test_one_sentence(nlp, text):
    assert split(nlp, "T\n" + text) == ["T", text]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("We win. It works.", ["We", "It"]),
        ("We win! Does it work? Yes.", ["We", "Does", "Yes"]),
        ("It is 93%. (See below.) We stop.", ["It", "(", "We"]),
        ('He said "it works." We agree.', ["He", "We"]),
        ("We use T5. mT5 fails. iBOT too. 3 fail.", ["We", "mT5", "iBOT", "3"]),
        ("It beats Li et al. We win.", ["It", "We"]),
        ("We try Command A. It wins.", ["We", "It"]),
        ("It works. we stop.", ["It", "we"]),
        ("It ends.We go on.", ["It", "We"]),
        ("Well... It works.", ["Well", "It"]),
        ('"It ends."', ['"']),
        ("It is 65.\\% of all.", ["It"]),
        ("One\n\nTwo", ["One", "Two"]),
        ("One\ntwo", ["One"]),
    ],
)
def test_starts(nlp, text, starts):
    doc = nlp("T\n" + text)
    assert [doc[i].text for i in sentence_starts(doc)] == ["T", *starts]


def test_title_is_one_sentence(nlp):
    assert split(nlp, "Why BERT? Because! A Study.\nWe ask.") == ["Why BERT? Because! A Study.", "We ask."]


@pytest.mark.parametrize("text", ["", "\n", " ", "T", "T\n", "T\n ", "\nOnly an abstract. Two.", "...", "T\n. ."])
def test_odd_texts(nlp, text):
    doc = nlp(text)
    assert "".join(sentence.text_with_ws for sentence in doc.sents) == text


def test_pure(nlp):
    doc = Doc(nlp.vocab, words=["A", ".", "We"], spaces=[False, True, False])
    assert sentence_starts(doc) == [0, 2]
    assert not doc.has_annotation("SENT_START")


def test_survives_docbin(nlp):
    docs = list(nlp.pipe(["T\nWe win. It works."] * 2))
    again = list(DocBin(docs=docs).get_docs(nlp.vocab))
    assert [s.text for s in again[1].sents] == [s.text for s in docs[1].sents]


@pytest.mark.parametrize("text", ["On X\n\n", "TY  - JOUR\n\n", "\n\n", "We study X.\n\n\n"])
def test_blank_lines_at_the_end_begin_no_sentence(text):
    doc = configure_tokenizer(spacy.blank("en"))(text)
    assert max(sentence_starts(doc)) < len(doc)
