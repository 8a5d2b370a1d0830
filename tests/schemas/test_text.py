import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.text import fold, readable

MARKUP = [
    *("\\textbf{", "\\emph{", "{\\it ", "}", "{", "$", "$$", "\\(", "\\)", "\\", "\\%", "\\'e", '\\"{\\i}', "\\c{c}"),
    *(
        "\\cite{a}",
        "\\footnote{",
        "\\alpha",
        "\\frac{a}{b}",
        "^",
        "_",
        "~",
        "--",
        "---",
        "``",
        "''",
        "&amp;",
        "&lt;",
        "&",
    ),
    *("<i>", "</i>", "<sup>", "<", ">", "ﬁ", "\u00ad", "\u200b", "\u00a0", "\n", " ", "BERT", "F_1", "10", ".", "x"),
]
texts = st.one_of(st.text(), st.lists(st.sampled_from(MARKUP), max_size=25).map("".join))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        # commands
        (r"\textbf{BERT}, \emph{a \textit{b}}", "BERT, a b"),
        (r"{\it one two} {\bf 13\%} {\em x}", "one two 13% x"),
        (r"\textsc{LoRA}\footnote{A note.} works", "LoRA works"),
        (r"as in \cite{x,y}. And \citep[see][]{z}, too~\cite{w}.", "as in. And, too."),
        (r"\href{http://a.b}{here} and \textcolor{red}{there}", "here and there"),
        (r"\url{http://a_b.c/~d}", "http://a_b.c/~d"),
        (r"\ModelName achieves", r"\ModelName achieves"),
        (r"\ModelName{} achieves", r"\ModelName achieves"),
        (r"\ac{LLM} agents", "LLM agents"),
        (r"(\begin{itemize} \item one\end{itemize})", "( one)"),
        (r"our {SkillNet} and {L}arge {L}anguage {M}odels", "our SkillNet and Large Language Models"),
        # formulas
        ("$F_1$ and $L_{2}$ but $L_{total}$", "F1 and L2 but L_total"),
        (r"$\alpha$, $\lambda$, $\Omega$, $\varepsilon$", "α, λ, Ω, ε"),
        ("$10^{-3}$, BT^2, S$^2$COR, $A^*$, snake_case", "10^-3, BT^2, S^2COR, A*, snake_case"),
        (r"$\mathcal{O}(n\log n)$ \(x\) $$y$$", "O(n log n) x y"),
        (r"$\frac{a}{b}$ $\ell_1$ $4.5\times$ $90^\circ$", "a/b ℓ1 4.5× 90°"),
        ("$k$-NN", "k-NN"),
        (r"$\texttt{OLMo}$", "OLMo"),
        # letters
        (r"na\"{\i}ve caf\'e, {\'e}t\'{e}, Fran\c{c}ois, Erd\H{o}s", "naïve café, été, François, Erdős"),
        (r"\o \ss{} \aa", "ø ß å"),
        (r"BERT\'s", "BERT's"),
        (r"93\% of R\&D \_ \# \{a\}", "93% of R&D _ # {a}"),
        # typography
        ("``quoted'' text", "“quoted” text"),
        ("a -- b---c", "a – b—c"),
        ("Fig.~3 costs ~5 of 10~20 /~home", "Fig. 3 costs ~5 of 10~20 /~home"),
        ("eﬃcient ﬁne\u00adtuning zero\u200bwidth no\u00a0break", "efficient finetuning zerowidth no break"),
        # web
        ("R&amp;D &#x27;x&#39; &lt;b&gt; &amp;amp; &mu;m", "R&D 'x' <b> & μm"),
        ("<i>E. coli</i> F<sub>1</sub> 10<sup>-3</sup>", "E. coli F1 10^-3"),
    ],
)
def test_readable(source, shown):
    assert readable(source).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "Plain text, with BERT-base (2.5 points); 50% more.",
        "$5 million!",
        "It costs $5, not $10 or US$ 20.",
        "sets {0, 1} and { a } and {}",
        "a { b",
        "a } b",
        r"\textbf{never closed",
        "x < y > z, <mask>, <s> and <subject, verb>",
        "AT&T; Q&A",
        r"C:\data \n",
        "x^2 and a_b",
        "one\ntwo",
        "",
    ],
)
def test_unchanged(text):
    assert readable(text).text == text


def test_title_end_survives():
    assert readable("$x\n$y {a\nb} \\footnote{c\nd}").text == "$x\n$y a\nb"
    assert readable("\\emph{On X}\nWe {study\nX}").text.split("\n")[0] == "On X"


@pytest.mark.parametrize(
    ("source", "shown", "stored"),
    [
        (r"use F$_1$ here", "F1", "F$_1$"),
        (r"an S$^2$COR one", "S^2COR", "S$^2$COR"),
        (r"\textbf{BERT}-base", "BERT-base", r"\textbf{BERT}-base"),
        (r"\textbf{BERT}-base", "BERT", "BERT"),
        (r"{\bf A} x", "A", "A"),
        (r"na\"{\i}ve Bayes", "naïve Bayes", r"na\"{\i}ve Bayes"),
        (r"a~naïve LLM", "naïve LLM", "naïve LLM"),
        ("ﬁne\u00adtuning", "finetuning", "ﬁne\u00adtuning"),
    ],
)
def test_way_back(source, shown, stored):
    result = readable(source)
    start = result.text.index(shown)
    span = result.to_source(start, start + len(shown))
    assert source[slice(*span)] == stored
    assert result.from_source(*span) == (start, start + len(shown))


@given(texts)
def test_offsets_stay_in_range_and_order(text):
    result = readable(text)
    length = len(result.text)
    spans = [result.to_source(i, i + 1) for i in range(length)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    back = [result.from_source(i, i + 1) for i in range(len(text))]
    assert all(0 <= start <= end <= length for start, end in back)
    assert [start for start, _ in back] == sorted(start for start, _ in back)


@given(texts, st.integers(0, 60), st.integers(0, 60))
def test_way_back_covers(text, start, length):
    result = readable(text)
    start = min(start, len(result.text))
    end = min(start + length, len(result.text))
    first, last = result.from_source(*result.to_source(start, end))
    assert start == end or (first <= start and end <= last)


@given(texts)
def test_line_feeds_stay(text):
    assert readable(text).text.partition("\n")[1] == text.partition("\n")[1]


@given(st.text(alphabet=st.characters(whitelist_categories=["L", "N"], max_codepoint=0x2FF), max_size=50))
def test_clean_text_is_itself(text):
    result = readable(text)
    assert result.text == text
    assert result.to_source(0, len(text)) == (0, len(text)) == result.from_source(0, len(text))


@pytest.mark.parametrize(
    "piece", ["{", "}", "$", "\\", "\\a", "\\it", "\\it{", "{a", "$x", "&amp;", "<i", "^_", "\\cite{"]
)
def test_hostile_input_is_read_in_linear_time(piece):
    begin = time.perf_counter()
    readable(piece * (100_000 // len(piece)))
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LLM", "LLMs"),
        ("GAN", "GANs"),
        ("data set", "Data-sets"),
        ("Large Language Model", "large-language models"),
        ("CIFAR-10", "CIFAR10"),
        ("LLaMA-2 7B", "LLaMA2-7B"),
        ("query", "queries"),
        ("batch", "batches"),
        ("matrix", "matrices"),
        ("metric", "Metrics"),
        ("network", "network(s)"),
        ("self_attention", "self–attention"),
    ],
)
def test_fold_unites(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize("word", ["loss", "bias", "analysis", "class", "GLUE", "SGD", "CIFAR", "TTS", "news", "corpus"])
def test_fold_keeps_singulars(word):
    assert fold(word) == word.casefold()


@pytest.mark.parametrize(
    ("one", "other"), [("GPT-3", "GPT-4"), ("LLaMA 2 7B", "LLaMA 27B"), ("BERT-base", "BERT-large")]
)
def test_fold_keeps_apart(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_fold_never_raises(text):
    fold(text)


def test_half_of_a_surrogate_pair_does_not_stop_what_follows():
    text = readable("\ud800BERT \\emph{on} \udfffGLUE")
    assert text.text == "\ufffdBERT on \ufffdGLUE"
    assert text.to_source(1, 5) == (1, 5)
    assert "".join(map(chr, range(0xD800, 0xD803))) not in readable("a\ud800\ud801\ud802").text
