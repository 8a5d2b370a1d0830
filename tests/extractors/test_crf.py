"""The conditional random field, against the sums over all ways of tagging that it stands for."""

from itertools import pairwise, product

import numpy as np
import pytest

from extractors.crf import (
    TAGS,
    ScoredSpan,
    decode,
    encode_spans,
    gradients,
    masks,
    span_probabilities,
    tag_probabilities,
)

ALLOWED, FIRST, LAST = masks(len(TAGS))


def spans_of(tags):
    spans, begin = set(), 0
    for place, tag in enumerate(TAGS[tag] for tag in tags):
        if tag[0] in "BU":
            begin = place
        if tag[0] in "LU":
            spans.add((begin, place + 1, tag[2:]))
    return spans


def brute_force(scores, transitions):
    """Probabilities of spans and the log of the sum over all well-formed rows of tags."""
    weights, total = {}, 0.0
    for tags in product(range(len(TAGS)), repeat=len(scores)):
        well_formed = FIRST[tags[0]] * LAST[tags[-1]] * np.prod([ALLOWED[pair] for pair in pairwise(tags)])
        if well_formed:
            score = sum(scores[place, tag] for place, tag in enumerate(tags))
            weight = np.exp(score + sum(transitions[pair] for pair in pairwise(tags)))
            total += weight
            for span in spans_of(tags):
                weights[span] = weights.get(span, 0.0) + weight
    return {span: weight / total for span, weight in weights.items()}, np.log(total)


@pytest.fixture(scope="module")
def random_scores():
    generator = np.random.default_rng(5)
    return generator.normal(size=(3, len(TAGS))) * 2, generator.normal(size=(len(TAGS), len(TAGS)))


def test_span_probabilities_are_sums_over_all_taggings(random_scores):
    expected, _ = brute_force(*random_scores)
    found = {span[:3]: span.probability for span in span_probabilities(*random_scores, floor=1e-12)}
    assert found.keys() == expected.keys()
    assert [found[span] for span in expected] == pytest.approx(list(expected.values()))


def test_the_floor_leaves_out_nothing_else(random_scores):
    everything = span_probabilities(*random_scores, floor=1e-12)
    assert span_probabilities(*random_scores, floor=0.02) == [span for span in everything if span.probability >= 0.02]


def one_hot(spans, length):
    return np.eye(len(TAGS))[encode_spans(spans, length)]


def test_loss_is_the_log_likelihood_of_the_true_tags(random_scores):
    scores, transitions = random_scores
    tags = encode_spans([(0, 2, "Task")], 3)
    _, log_total = brute_force(scores, transitions)
    own = scores[range(3), tags].sum() + transitions[tags[:-1], tags[1:]].sum()
    loss, _, _ = gradients(scores, one_hot([(0, 2, "Task")], 3), transitions)
    assert loss == pytest.approx(log_total - own)


@pytest.mark.parametrize(("spans", "length"), [([(1, 2, "Model"), (2, 5, "Metric")], 5), ([(0, 1, "Task")], 1)])
def test_gradients_are_differences_of_the_loss(spans, length):
    generator = np.random.default_rng(6)
    scores, transitions = generator.normal(size=(length, len(TAGS))), generator.normal(size=(len(TAGS), len(TAGS)))
    wanted = one_hot(spans, length)
    _, d_scores, d_transitions = gradients(scores, wanted, transitions)
    for array, gradient in ((scores, d_scores), (transitions, d_transitions)):
        for place in ((0, 0), (0, 5), (length - 1, 8)):
            kept = array[place]
            array[place] = kept + 1e-5
            above = gradients(scores, wanted, transitions)[0]
            array[place] = kept - 1e-5
            below = gradients(scores, wanted, transitions)[0]
            array[place] = kept
            assert (above - below) / 2e-5 == pytest.approx(gradient[place], abs=1e-6)


def test_tag_probabilities_sum_to_one(random_scores):
    assert tag_probabilities(*random_scores).sum(axis=1) == pytest.approx(np.ones(3))


def test_extreme_scores_neither_overflow_nor_vanish():
    scores = np.zeros((4, len(TAGS)))
    scores[:, 3] = 1e4  # an L after an L: never well-formed
    assert all(np.isfinite(span.probability) for span in span_probabilities(scores, np.zeros((21, 21))))


def test_decoding_prefers_the_probable_and_never_overlaps():
    spans = [ScoredSpan(0, 3, "Task", 0.4), ScoredSpan(1, 2, "Model", 0.5), ScoredSpan(3, 4, "Task", 0.3)]
    assert decode(spans, threshold=0.3) == [spans[1], spans[2]]
    assert decode(spans, threshold=0.45) == [spans[1]]


def test_tags_round_trip():
    spans = [(0, 1, "Model"), (1, 4, "Task"), (6, 8, "Dataset")]
    assert spans_of(encode_spans(spans, 8)) == set(spans)
