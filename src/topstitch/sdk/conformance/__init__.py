"""Conformance: the same questions for every system, asked over real sockets of its practice server.

`examine(entry)` yields one answer a question, `tier_of(answers)` says how far the system has come. What a system cannot
do is written in its manifest with the reason; see `exemptions`.
"""

from topstitch.sdk.conformance.answers import Answer, tier_of
from topstitch.sdk.conformance.examine import QUESTIONS, examine
from topstitch.sdk.conformance.questions import Question

__all__ = ["QUESTIONS", "Answer", "Question", "examine", "tier_of"]
