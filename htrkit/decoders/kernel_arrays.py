"""What the beam kernel reads and writes: grammar, language, working memory and endings, as tuples of flat arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

PLAIN, CHARACTERS, NGRAMS, FORECAST, SAMPLE = range(5)


class Grammar(NamedTuple):
    """Which texts are allowed: a trie for the word labels, anything between words for the others.

    Attributes
    ----------
    free_labels
        (n,) labels that belong to no word, the blank left out; allowed at the root and after a whole word.
    first_child
        (nodes + 1,) the children of node ``n`` are the nodes ``first_child[n]`` to ``first_child[n + 1] - 1``.
    labels
        (nodes,) the label on the way into each node.
    is_word
        (nodes,) 1 where a word ends.
    first_word, n_words
        (nodes,) the words at and below each node are ``first_word`` to ``first_word + n_words - 1``; a word that ends
        at the node is the first of them.
    """

    free_labels: Any
    first_child: Any
    labels: Any
    is_word: Any
    first_word: Any
    n_words: Any


class Language(NamedTuple):
    """How probable a text is: nothing (`PLAIN`), a character model (`CHARACTERS`) or word bigrams.

    Attributes
    ----------
    mode
        One of the constants above.
    symbols, first_child, child_symbols, factors, backoff_factors, next_states, backoff_states, start
        The arrays of a `htrkit.language_models.characters.CharacterModel`, its log-probabilities weighted and raised:
        ``factors = exp(weight * log_probs)``; ``symbols`` of each label.
    cumulative
        (words + 1,) how often the words before each one occur.
    bigram_offsets, bigram_words, bigram_cumulative
        The words that follow word ``w`` are ``bigram_words[bigram_offsets[w]:bigram_offsets[w + 1]]``, ascending;
        ``bigram_cumulative[i]`` counts the bigrams before the ``i``-th of all.
    smoothing
        Added to every count.
    seed
        Of the forecast's samples.
    """

    mode: int
    symbols: Any
    first_child: Any
    child_symbols: Any
    factors: Any
    backoff_factors: Any
    next_states: Any
    backoff_states: Any
    start: int
    cumulative: Any
    bigram_offsets: Any
    bigram_words: Any
    bigram_cumulative: Any
    smoothing: float
    seed: int


class Work(NamedTuple):
    """Buffers of one search. A beam lives in one of ``2 * width`` slots and stays there as long as it is kept.

    Attributes
    ----------
    key, parent_key
        Hash of each beam's text, and of the text without its last letter.
    node, last, trail
        Where it is in the trie, its last label, its entry in the trails (of a new one: its parent's).
    blank, letter
        P of its paths that end in the blank, and in its last letter; language model included.
    next_blank, next_letter
        The same for the next frame.
    step, lift
        What the language model gave for the last letter, and the most that it can give for the next.
    state, words, raw, mean
        Of the language model: its state (or last word), whole words, ln P of them, ln of what it gives the text.
    fresh
        1 for a beam without a trail of its own yet.
    alive, upcoming, score
        (width,) the slots of this frame's beams, of the next frame's, and what those score.
    free, retired
        (2 * width,) slots without a beam, and those whose beam will not see the next frame.
    table_stamp, table_beam
        (a power of two,) hash table from keys to slots.
    open_label, open_node
        (labels,) the extensions of one beam.
    open_free, open_first
        (labels,) the free labels, and the root's children, that are probable enough in one frame.
    trail_parent, trail_label
        (frames * width + 1,) texts, as a tree.
    """

    key: Any
    parent_key: Any
    node: Any
    last: Any
    trail: Any
    blank: Any
    letter: Any
    next_blank: Any
    next_letter: Any
    score: Any
    step: Any
    lift: Any
    state: Any
    words: Any
    raw: Any
    mean: Any
    fresh: Any
    alive: Any
    upcoming: Any
    free: Any
    retired: Any
    table_stamp: Any
    table_beam: Any
    open_free: Any
    open_first: Any
    open_label: Any
    open_node: Any
    trail_parent: Any
    trail_label: Any


class Endings(NamedTuple):
    """The beams at the end of several lines; those of line ``i`` begin at ``i * width``, best first.

    Attributes
    ----------
    count, bits
        (lines,) how many there are, and how far their weights were scaled up, by ``2**bits``.
    weight, node
        (lines * width,) of each: what it weighs, 0 where no allowed text is possible, and where it is in the trie.
    start, stop
        (lines * width,) its text is ``labels[start:stop]``.
    labels
        (at least all characters of all endings,) filled from the end on.
    """

    count: Any
    bits: Any
    weight: Any
    node: Any
    start: Any
    stop: Any
    labels: Any
