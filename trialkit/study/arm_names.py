"""Does a free text name a treatment? The one place that says so, for every text a blinded reader is shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trialkit.study.model import Arm, Study

_SHORTEST_WORD = 3  # shorter names ("A", "B") are words of every text, and name an arm beside one of these:
_BESIDE = frozenset(
    {
        *("allocated", "allocation", "arm", "arms", "assigned", "assignment", "group", "groups"),
        *("randomised", "randomized", "therapy", "treatment", "treatments"),
        *("gets", "given", "got", "receive", "received", "receives", "receiving", "takes", "took"),
    }
)
_FILLERS = frozenset({"to", "was", "is", "the", "of", "in", "as"})


@dataclass(frozen=True, slots=True)
class ArmNames:
    """What names an arm of a study, folded: case, width, composition, marks and spaces are set aside.

    Parameters
    ----------
    phrases
        Names of several words, or in a script without spaces: nobody writes them by chance.
    words
        Names of one word, which may stand in a text that speaks of something else.
    """

    phrases: frozenset[str]
    words: frozenset[str]

    def named_in(self, text: str, *, plain_words: bool) -> bool:
        """Whether a text names an arm.

        Parameters
        ----------
        plain_words
            Whether a one-word name counts wherever it stands: where a wrong treatment was issued it tells.
            False: only by itself, or beside a word such as "arm", "group" or "received"; "not able to
            exercise" and "loss of bladder control" speak of something else.

        Degenerate cases: a name of one or two letters counts only beside such a word, whoever writes it. A
        name that is misspelt, translated or circumscribed is not found.
        """
        tokens = _tokens(text)
        whole = "".join(tokens)
        if any(phrase in whole for phrase in self.phrases):
            return True
        return any(
            (plain_words and len(word) >= _SHORTEST_WORD) or _beside(tokens, start, end)
            for word in self.words
            for start, end in _runs(tokens, word)
        )


def arm_names(study: Study) -> ArmNames:
    """The names of a study's arms: short names, labels, and the parts that only some arms receive."""
    known = [name for arm in study.arms for name in (arm.name, arm.label)] + _parts(study)
    phrases: set[str] = set()
    words: set[str] = set()
    for name in known:
        tokens = _tokens(name)
        folded = "".join(tokens)
        if not folded:
            continue
        unspaced = len(folded) > 1 and not folded.isascii()
        (phrases if len(tokens) > 1 or unspaced else words).add(folded)
    return ArmNames(frozenset(phrases), frozenset(words))


def _parts(study: Study) -> list[str]:
    """Names and labels of the components that some arms have and others do not."""
    return [
        name
        for component in study.components
        if not all(_has(arm, component.name) for arm in study.arms)
        for name in (component.name, component.label)
    ]


def _has(arm: Arm, component: str) -> bool:
    return component in arm.components


def _tokens(text: str) -> list[str]:
    """Words of letters and digits, in one form whatever the case, width, composition and accents.

    Characters that are not seen (a zero-width space, a soft hyphen) are no gap between words.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = (char for char in folded if unicodedata.category(char) not in ("Mn", "Cf"))
    return "".join(char if char.isalnum() else " " for char in kept).split()


def _runs(tokens: Sequence[str], word: str) -> Iterable[tuple[int, int]]:
    """Places where whole words, written together, are this one: ``control``, ``c o n t r o l``."""
    for start in range(len(tokens)):
        joined = ""
        for end in range(start, len(tokens)):
            joined += tokens[end]
            if joined == word:
                yield start, end
            if len(joined) >= len(word):
                break


def _beside(tokens: Sequence[str], start: int, end: int) -> bool:
    """Whether it is all there is, or the words before or after speak of arms: "allocated to the A"."""
    if end - start + 1 == len(tokens):
        return True
    before = start - 1
    while before >= 0 and tokens[before] in _FILLERS:
        before -= 1
    after = end + 1
    return (before >= 0 and tokens[before] in _BESIDE) or (after < len(tokens) and tokens[after] in _BESIDE)
