"""What Braid says of nobody: how great a risk they are, and that they are safe or not. Braid cannot know either."""

import re

_RISK = (
    r"(?:very|high(?:er|est)?|medium|moderate|low(?:er|est)?|no|minimal|severe)[\s-]+risk\b"
    r"|risk[\s-]+(?:level|score|rating|band|categor)\w*|level[\s-]+of[\s-]+risk\b"
)
# Not in `URL-safe` and `fail-safe`, which are other words.
_JUDGING = re.compile(rf"\b(?:{_RISK})|(?<![-\w])(?:un)?safe\w*", re.IGNORECASE)
LET_BE = {
    "safety alert": "the name of what an answer above zero raises",
    "safety plan": "the name of a document that a patient and a practitioner write together",
    "safeguarding": "the name of what a service does when somebody is harmed by another",
    "safe to contact": "about a telephone or a mailbox that others may see",
    "keep yourself safe": "asks somebody what they can do, and says nothing of how they are",
}
_LET_BE = re.compile(r"\b(?:" + "|".join(re.escape(phrase) for phrase in LET_BE) + ")", re.IGNORECASE)


def judging(words: str) -> list[str]:
    """Each word or phrase that says it of somebody."""
    return _JUDGING.findall(_LET_BE.sub(" ", words))
