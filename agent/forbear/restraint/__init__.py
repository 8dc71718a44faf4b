"""The rules of restraint: text in, findings out; pure, the same for coach, sheet, evals and linter.

    model       Voice, Rule, Finding
    grammar     tokens, quotations, sentences
    frames      the frames that questions come in
    questions   what a sentence asks, and in which form
    advice      what it says somebody should do
    acts        whether it leads, rescues or blames
    wording     the lists: jargon, hollow formulas, verdicts, stock questions
    catalogue   the rules, with what each cannot see
    checks      a question, a reply, a message

Form sees form. Whether a reflection is true, whether a question fits, and what history stands behind a plain
word, a judge has to say who has read the leader's message.
"""

from __future__ import annotations

from forbear.restraint.advice import gives_advice
from forbear.restraint.catalogue import RULES
from forbear.restraint.checks import check_message, check_question, check_reply
from forbear.restraint.model import Finding, Rule, Voice
from forbear.restraint.questions import is_open, questions_in

__all__ = [
    "RULES",
    "Finding",
    "Rule",
    "Voice",
    "check_message",
    "check_question",
    "check_reply",
    "gives_advice",
    "is_open",
    "questions_in",
]
