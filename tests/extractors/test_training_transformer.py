"""The recipe of the transformer on a handful of sentences: it learns them, and its ONNX file says what torch says."""

from collections import Counter

import numpy as np
import pytest
import spacy

torch = pytest.importorskip("torch", reason="NOT TESTED: training the transformer needs pip install '.[train]'")
pytest.importorskip("onnx", reason="NOT TESTED: training the transformer needs pip install '.[train]'")

from extractors.crf import TAGS, decode, encode_spans, span_probabilities  # noqa: E402
from extractors.network import FeatureExtractor  # noqa: E402
from extractors.pieces import SPECIAL, Pieces  # noqa: E402
from extractors.tokenizer import configure_tokenizer  # noqa: E402
from extractors.training.encoder import Sizes, Tagger  # noqa: E402
from extractors.training.pretrained import keep_pieces  # noqa: E402
from extractors.training.quantise import quantised, traced  # noqa: E402
from extractors.training.transformer import Reader, Schedule, Trained, beliefs, fit, scores  # noqa: E402
from extractors.transformer import Transformer  # noqa: E402
from extractors.vectors import WordVectors  # noqa: E402

WORDS = ("we", "train", "bert", "for", "parsing", "gpt", "translation", "and", "test", ".")
ROWS = {"norm": 50, "shape": 20}
SIZES = Sizes(
    len(SPECIAL) + len(WORDS), (*ROWS.values(), 4), len(TAGS), 4, 32, 2, 4, 64, 512, 8, 16, 24, 1, dropout=0.0
)


@pytest.fixture(scope="module")
def setting():
    nlp = configure_tokenizer(spacy.blank("en"))
    vectors = WordVectors.of(WORDS, np.random.default_rng(0).normal(size=(len(WORDS), 16)))
    extract = FeatureExtractor(ROWS, vectors)
    vocabulary = [*SPECIAL, *WORDS]
    reader = Reader(Pieces(vocabulary), extract, list(SIZES.rows), vectors.table())
    docs = [nlp(f"We train {m} for {t}.") for m in ("BERT", "GPT") for t in ("parsing", "translation")]
    one_hot = np.eye(len(TAGS), dtype=np.float16)
    spans = [(2, 3, "Model"), (4, 5, "Task")]
    texts = [reader.text(d, one_hot[encode_spans(spans, len(d))], [([2], 0), ([4], 1)]) for d in docs]
    torch.manual_seed(0)
    losses = []
    start = Trained(Tagger(SIZES), np.zeros((len(TAGS), len(TAGS)), dtype=np.float32))
    schedule = Schedule(epochs=40, batch=2, learn_rate=1e-3, head_rate=1e-2)
    trained = fit(texts, reader, start, schedule, report=losses.append)
    return (
        docs,
        texts,
        reader,
        trained,
        losses,
        Transformer(traced(trained.tagger), vocabulary, extract, vectors, list(SIZES.rows)),
        Transformer(quantised(traced(trained.tagger), keep=("tags",)), vocabulary, extract, vectors, list(SIZES.rows)),
    )


def test_it_learns_names_and_roles(setting):
    _, texts, reader, trained, losses, *_ = setting
    assert float(losses[-1].split()[-3]) < 0.3 * float(losses[0].split()[-3])
    for tags, roles in scores(trained.tagger, reader, texts):
        spans = decode(span_probabilities(tags, trained.transitions))
        assert [span[:3] for span in spans] == [(2, 3, "Model"), (4, 5, "Task")]
        assert roles[[2, 4]].argmax(axis=1).tolist() == [0, 1]
    for belief in beliefs(trained, reader, texts):
        assert np.allclose(belief.sum(axis=1), 1)
        assert belief[2, TAGS.index("U-Model")] > 0.5


def test_texts_side_by_side_are_read_as_alone(setting):
    _, texts, reader, trained, *_ = setting
    longer = reader.text(spacy.blank("en")("we test bert and gpt and bert and gpt for parsing ."))
    trained.tagger.eval()
    with torch.no_grad():
        together, _ = trained.tagger(reader.batch([longer, texts[0]]))
        alone, _ = trained.tagger(reader.batch([texts[0]]))
    assert torch.allclose(together[1, : texts[0].window.end], alone[0], atol=1e-4)


def test_the_onnx_file_says_what_torch_says(setting):
    docs, texts, reader, trained, _, exact, small = setting
    for doc, text in zip(docs, texts, strict=True):
        with torch.no_grad():
            tags, roles = trained.tagger(reader.batch([text]))
        assert np.allclose(exact(doc).tags, tags[0].numpy(), atol=1e-3)
        assert np.allclose(exact(doc).roles, roles[0].numpy(), atol=1e-3)
        assert (small(doc).tags.argmax(axis=1) == exact(doc).tags.argmax(axis=1)).mean() > 0.9


def test_every_special_piece_is_kept():
    assert keep_pieces([*SPECIAL, "x"], Counter()) == [0, 1, 2, 3, 4]
