"""Check a question, a whole reply, or a message to an employee against the rules.

Nothing in quote marks is held against the speaker, and no word that the leader used is jargon of the coach's.
"""

# ruff: noqa: SIM905 -- a list of words reads best as words
from __future__ import annotations

import re
from functools import lru_cache

from forbear.restraint import wording
from forbear.restraint.acts import blames, leads, rescues
from forbear.restraint.advice import advises
from forbear.restraint.catalogue import RULE
from forbear.restraint.grammar import QUOTE, Sentence, sentences
from forbear.restraint.model import Finding, Voice
from forbear.restraint.questions import OPEN, Ask, Form, asks

#: Words of a question before it is lost (R8), its hard cap, and the words of a step-out (2.5).
LONG, HARD_CAP, STEP_OUT_CAP = 20, 25, 70
#: Words that a reflection needs before it can reflect anything.
_REFLECTS = 3
_ANNOUNCED = re.compile(r"\b(?:stepping|step) out of (?:question|coaching) mode\b|\bone thing before\b")
#: "This is my opinion … Use it or drop it": labelled and easy to refuse, as R10 wants it.
_LABELLED = re.compile(
    r"\bmy (?:own )?(?:opinion|view|guess|read of it)\b|\bnot (?:part of )?the framework\b|\byou can (?:drop|ignore|bin|leave) it\b|\b(?:use|take"
    r"|keep) it or (?:drop|leave|bin)\b"
)
_SAFETY = re.compile(
    r"\b(?:stop|safe|safety|danger\w*|emergency|police|ambulance|security|hr|human resources|safeguarding"
    r"|maintenance|evacuat\w+|counsel|eap|occupational|doctor|911|999|112|risk|hurt|injur\w+|report"
    r"|belongs with|policy|finance|compliance|legal|data protection|crisis|today|now)\b"
)
_DISCOURSE = re.compile(
    r"(?:(?:and|so|but|okay|ok|well|right|yes|no|sure|interesting|thanks|thank you|good|great|hm|i see"
    r"|got it|fair enough|understood|noted)(?: , | |$))+"
)
_INFORMS = re.compile(
    r"^(?:(?:please|just) )?(?:(?:call|ring|tell|text|let|message|phone|email|ask|shout|come to|find"
    r"|grab) (?:me|us)(?: know)? (?:if|when|whenever|once|should|in case)\b|let me know\b|note that|see you"
    r"|take your time|take care|enjoy|have a)"
)


def check_question(text: str, voice: Voice) -> tuple[Finding, ...]:
    """Check a question that stands on its own, in the bank or on a sheet."""
    found: list[Finding] = []
    for sentence in sentences(text):
        asked = asks(sentence)
        found += _in_any(sentence, asked, voice, text, "")
        if asked:
            found += _in_question(sentence, asked, voice, "")
    return _ordered(found + _surplus(text))


@lru_cache(maxsize=16)  # a draft is checked, shown and scored: the same words each time
def check_reply(text: str, *, mode: str = "question", leader_words: str = "") -> tuple[Finding, ...]:
    """Check a whole turn of the coach.

    `mode` says what was due: question, offer, options, explain, close or step_out. `leader_words` is all that
    the leader wrote so far: those words are the leader's, not the coach's.
    """
    said = sentences(text)
    stepping_out = mode == "step_out" or bool(_ANNOUNCED.search(" ".join(s.line for s in said)))
    labelled = any(_LABELLED.search(s.line) for s in said)
    known = _line(leader_words)
    found: list[Finding] = []
    for sentence in said:
        asked = asks(sentence)
        now = _in_any(sentence, asked, Voice.LEADER, text, known)
        if asked and not stepping_out:
            now += _in_question(sentence, asked, Voice.LEADER, known, closed=mode != "offer", terms=mode != "explain")
        # Where a plain word is due it may say what to do; so may an opinion that is labelled and refusable.
        free = {"advice", "rescue"} if stepping_out or labelled or mode == "options" else set()
        free |= {"unsourced-claim"} if mode == "explain" else set()
        found += [
            f
            for f in now
            if f.rule not in free and not (f.rule in ("advice", "rescue", "blame") and _echoes(text, f, known))
        ]
    found += _surplus(text)
    found += _numbers(text, leader_words)
    found += _shape(text, said, mode, stepping_out)
    return _ordered(found)


def check_message(text: str) -> tuple[Finding, ...]:
    """Check the words that a leader is about to say or send to the person who has the work.

    What is owed (facts, changed conditions, safety, thanks, when to call) is no finding.
    """
    found: list[Finding] = []
    labelled = any(_LABELLED.search(s.line) for s in sentences(text))
    for sentence in sentences(text):
        asked = asks(sentence)
        if _SAFETY_ORDER.search(sentence.line) or (_INFORMS.match(sentence.line) and not asked):
            continue
        now = _in_any(sentence, asked, Voice.EMPLOYEE, text, "", clipped=True)
        if asked and not _ARRANGES.search(sentence.line):
            now += _in_question(sentence, asked, Voice.EMPLOYEE, "")
        free = {"advice"} if labelled or _ON_CALL.search(sentence.line) else set()
        free |= {"rescue"} if _OWN_WORK.search(sentence.line) else set()
        now = [
            f
            for f in now
            if f.rule in _SAID_TO_EMPLOYEE - free
            # "They should finish by 11" is what is expected of others, and tells the one addressed nothing to do.
            and not (f.rule == "advice" and _OF_OTHERS.match(text[f.start : f.end].lower()))
        ]
        # That a question is closed or long says nothing more where it already leads, blames or rescues.
        grave = [f for f in now if f.rule not in _SLIGHT]
        found += grave or now
    # A message may ask two things in a paragraph; from the third on it is a list to be ticked off.
    piled = [f for f in _surplus(text)[1:2] if not any(f.start <= g.start < f.end for g in found)]
    return _ordered(found + piled + _numbers(text, text))


_OF_OTHERS = re.compile(r"(?:they|he|she|it|people|one|everyone|everybody)\b")
#: When to call is owed, and so is what is to be done at once if something happens.
_ON_CALL = re.compile(r"\b(?:straight away|at once|immediately|right away|any time|anytime)\b.*\b(?:if|when|should)\b")
#: What a message says has always been the leader's own, nobody is being rescued from.
_OWN_WORK = re.compile(
    r"\b(?:as|same as) (?:always|usual|ever|before|(?:we )?(?:agreed|planned)|i (?:always |usually )?(?:do|have|did))\b"
    # Covering for somebody who is away takes no work from anybody.
    r"|\b(?:while|because|since) \w+ (?:'re|are|'s|is) (?:at|on|off|away|out)\b"
    r"|\b(?:is|are|'s|'re|was|been|stays|remains) (?:my (?:own )?(?:job|part|headache|side|task|bit|call|pigeon|business|problem)|mine)\b"
    r"|\b(?:not|never) yours\b|\bmy (?:own )?(?:part|side|bit) of (?:it|this|the)\b"
)
_SLIGHT = frozenset(("closed", "stacked", "long", "overlong"))
#: Asks for a time, a place, a thing or a word on the phone: what colleagues arrange, and no look at the work.
_ARRANGES = re.compile(
    r"^(?:(?:and|so|hi|hey|also|ok|okay|please|thanks) ?,? ?)*(?:"
    r"(?:are|is) (?:you|that|this|it|\w+day|\d[\d:.]*(?: ?[ap]m)?) (?:free|around|available|in|ok|okay|all right|alright|good)\b"
    r"|(?:does|would|will|is) .{0,40}\b(?:work|suit|do) (?:for you|you)?"
    r"|(?:can|could|shall|may|should) we (?:meet|talk|speak|sit|find|have|push|move|make|say)\b"
    r"|(?:can|could) you (?:make|do|spare|come|join|manage) (?:it|\w+day|to|in|at|a|ten|five|half|\d)"
    r"|(?:can|could|would|will) you (?:please )?(?:send|forward|lend|bring|give|pass|email|share) (?:me|us) (?:the|a|an|your) "
    r"(?:link|address|invite|number|key|keys|phone|contact|date|dates|time|room|code|login|receipt|receipts|slot)\b"
    r"|(?:do|have) you (?:have|got) (?:a (?:minute|moment|second)|time|\w+ minutes|half an hour|anything (?:on|planned))"
    r"|fancy (?:a|lunch|coffee)|coffee\b|(?:shall|should) i (?:book|bring)"
    r"|(?:how|what) about (?:\w+day|\d|tomorrow|lunch|next week)"
    r"|when (?:can|could|are|would|shall) (?:we|you)\b"
    r")"
)


_SAID_TO_EMPLOYEE = frozenset(
    "closed stacked many-questions leading advice rescue blame absent-person presumed long overlong"
    " promise-of-secrecy unsourced-claim".split()
)
_SAFETY_ORDER = re.compile(
    r"\b(?:stop (?:the|that|this|work|immediately|now|it)|switch (?:it|the \w+) off|evacuat\w+"
    r"|lock(?:ed)? (?:it )?out|isolate the|stay (?:out|clear|away|back)|do n't (?:touch|open|enter|lift"
    r"|start the|serve|go in)|get (?:out|everyone)|not safe|unsafe|danger\w*|emergency|gas|fire|guard"
    r"|allerg\w+|wear your|hard hat|injur\w+|ambulance|someone (?:could|may|might|will) (?:get|be) hurt)\b"
)


def _in_any(
    sentence: Sentence, asked: tuple[Ask, ...], voice: Voice, text: str, known: str, *, clipped: bool = False
) -> list[Finding]:
    """Check what no sentence may do, asked or said."""
    found = []
    if (span := blames(sentence)) and not _told_back(sentence, span, asked):
        found.append(_at("blame", span))
    if not any(a.form is Form.PERMISSION for a in asked):
        if (span := rescues(sentence, voice)) and not _told_back(sentence, span, asked):
            found.append(_at("rescue", span))
        if span := advises(sentence, clipped=clipped):
            found.append(_at("advice", span))
    for rule, pattern in (
        ("hollow", wording.HOLLOW),
        ("flattery", wording.FLATTERY),
        ("verdict", wording.VERDICT),
        ("absent-person", wording.ABSENT),
        ("unsourced-claim", wording.UNSOURCED),
    ):
        if not (asked and rule == "hollow" and asked[0].form is Form.REQUEST) and (span := sentence.find(pattern)):
            told = rule == "verdict" and _told_back(sentence, span, asked)
            owned = rule == "unsourced-claim" and text[span[0] : span[1]].lower() in known
            if not told and not owned:
                found.append(_at(rule, span))
    for match in wording.JARGON.finditer(sentence.line):
        if match.group() not in known:
            found.append(_at("jargon", sentence.span(*match.span())))
            break
    if secret := wording.promises_secrecy(sentence.line):
        found.append(_at("promise-of-secrecy", sentence.span(*secret.span())))
    if voice is Voice.EMPLOYEE and (span := _third_person(sentence)):
        found.append(_at("third-person", span))
    return [f for f in found if text[f.start : f.end].strip()]


def _in_question(
    sentence: Sentence,
    asked: tuple[Ask, ...],
    voice: Voice,
    known: str,
    *,
    closed: bool = True,
    terms: bool = True,
) -> list[Finding]:
    """Check what a sentence that asks may not do."""
    found = []
    whole = (sentence.start, sentence.end)
    forms = [a.form for a in asked]
    if span := leads(sentence, asked):
        found.append(_at("leading", span))
    if closed and not any(f in OPEN or f in (Form.PERMISSION, Form.FIGURE) for f in forms):
        found.append(_at("closed", whole))
    if Form.FIGURE in forms and not any(f in OPEN for f in forms) and _COUNTS.search(sentence.line):
        found.append(_at("fact-finding", whole))
    if len(asked) > 1:
        found.append(_at("stacked", (sentence.tokens[asked[1].at].start, sentence.end)))
    if sentence.words > LONG:
        found.append(_at("long", whole))
    if sentence.words > HARD_CAP:
        found.append(_at("overlong", whole))
    if wording.STOCK.fullmatch(sentence.line):
        found.append(_at("stock", whole))
    framework = wording.EMPLOYEE_FRAMEWORK if voice is Voice.EMPLOYEE else wording.FRAMEWORK
    if terms and (match := framework.search(sentence.line)) and match.group() not in known:
        found.append(_at("jargon", sentence.span(*match.span())))
    if (match := wording.PRESUMED.search(sentence.line)) and match.group().split()[-1] not in known.split():
        found.append(_at("presumed", sentence.span(*match.span())))
    return found


def _told_back(sentence: Sentence, span: tuple[int, int], asked: tuple[Ask, ...]) -> bool:
    """Tell "you wrote that she should have told you", a reflection, from a reproach of the coach's."""
    before = " ".join(t.text for t in sentence.tokens if t.end <= span[0])
    return not asked and bool(_REPORTS.search(before))


_REPORTS = re.compile(
    r"\byou (?:(?:also|still|now|both) )?(?:said|say|wrote|write|feel|felt|think|thought|believe|told|tell"
    r"|wonder|wondered|asked|ask|fear|worry|hear|heard|'re (?:wondering|asking|thinking|saying)"
    r"|are (?:wondering|asking|thinking|saying))\b"
)
_COUNTS = re.compile(
    r"\b(?:how (?:many|often|long|old|frequently)(?! (?:could|would|can|might))|what (?:time|day|date"
    r"|percentage|year|number|age)|out of (?:ten|10|five|5|100)|scale)\b"
)
_HE_OR_SHE = re.compile(r"\b(?:he|she|him|her|his|hers|himself|herself)\b")


def _third_person(sentence: Sentence) -> tuple[int, int] | None:
    return sentence.find(_HE_OR_SHE)


def _surplus(text: str) -> list[Finding]:
    """Find every question after the first; a bare tag ("Right?") belongs to the one before."""
    asking = [s for s in sentences(text) if asks(s)]
    return [_at("many-questions", (s.start, s.end)) for s in asking[1:]]


def _numbers(text: str, known: str) -> list[Finding]:
    return [_at("invented-phone-number", span) for span in wording.phone_numbers(text, known)]


def _shape(text: str, said: tuple[Sentence, ...], mode: str, stepping_out: bool) -> list[Finding]:
    """Check what only the whole turn shows: too little restraint, and too much."""
    if not said:
        return [_at("no-question", (0, len(text)))] if text and mode == "question" else []
    asking = [s for s in said if asks(s)]
    whole = (said[0].start, said[-1].end)
    found: list[Finding] = []
    if stepping_out:
        before = [s for s in said if not asking or s.start < asking[0].start]
        if asking and not any(_SAFETY.search(s.line) for s in before):
            found.append(_at("question-before-safety", (asking[0].start, asking[0].end)))
        if sum(s.words for s in said) > STEP_OUT_CAP:
            found.append(_at("long", whole))
        return found
    if not asking:
        return [_at("no-question", whole)] if mode in ("question", "offer", "options") else []
    if mode == "question" and not _reflects(said, asking[0]):
        found.append(_at("empty-reflection", (asking[0].start, asking[0].end)))
        if wording.PARRY.search(asking[0].line):
            found.append(_at("parry", (asking[0].start, asking[0].end)))
    return found


def _reflects(said: tuple[Sentence, ...], first: Sentence) -> bool:
    """Tell whether anything but a formula stands before the first question, its own sentence included."""
    count = 0
    for sentence in said:
        if sentence.start >= first.start:
            break
        left = _DISCOURSE.sub("", wording.HOLLOW.sub("", wording.FLATTERY.sub("", sentence.line)))
        count += sum(1 for word in left.split() if word[0].isalnum() or word == QUOTE)
    head = asks(first)[0].at
    opening = [t.text for t in first.tokens[:head] if t.is_word]
    # "If she were away, what …" sets a scene of the coach's making; "You wrote it twice, so what …" reflects.
    scene = bool(opening) and opening[0] in (
        "if",
        "when",
        "while",
        "before",
        "after",
        "suppose",
        "imagine",
        "given",
    )
    return count + (0 if scene else len(opening)) >= _REFLECTS


def _echoes(text: str, finding: Finding, known: str) -> bool:
    """Tell whether the leader used these words of duty or ability: "I need to tell him" may be told back."""
    words = _line(text[finding.start : finding.end]).split()
    tail = " ".join(words[1:])
    return len(words) > 2 and bool(known) and f" {tail} " in f" {known} "


def _line(text: str) -> str:
    return " ".join(s.line for s in sentences(text))


def _at(rule: str, span: tuple[int, int]) -> Finding:
    return Finding(rule, span[0], span[1], f"{RULE[rule].title}: {RULE[rule].why[0].lower()}{RULE[rule].why[1:]}")


def _ordered(found: list[Finding]) -> tuple[Finding, ...]:
    """Put the findings in the order of the text, each rule once for a place."""
    return tuple(sorted(dict.fromkeys(found), key=lambda f: (f.start, f.end, f.rule)))
