"""Tell advice from description: verbs of duty, offers of a plan, imperatives that do not invite to talk.

An imperative is found by its place, not by a list of verbs alone: a bare word at the head of a clause that is
no function word, with an object right behind it ("Shadow him", "Ringfence the time"). Verbs that need no
object, or that double as nouns ("call", "plan"), are in a small lexicon.
"""

# ruff: noqa: SIM905 -- a list of words reads best as words
from __future__ import annotations

import re

from forbear.restraint.frames import AUX, DETERMINER, SUBJECT, WH
from forbear.restraint.grammar import QUOTE, Sentence, Token, sentences
from forbear.restraint.questions import Ask, Form, asks

_MILD = (
    r"(?:(?:really|just|probably|definitely|also|maybe|perhaps|only|always|never|first|then|simply|at least"
    r"|all|still|not|n't) )*"
)
_WHO = r"(?:you|he|she|they|your \w+|people|one|we(?= need))"
_DEONTIC = (
    r"(?:should(?! be (?:proud|able|fine|ok|okay|here|getting))|must(?! (?:be|have|feel|'ve|n't|seem))"
    r"|ought to|need to|needs to|need n't|have to|has to|'ve got to|have got to|had better|'d better"
    r"|are better off|'re better off|are to|'re going to (?:have|need|want) to|will (?:have|need|want) to"
    r"|'ll (?:have|need|want) to|(?:might|may|could) (?:want|need|like|wish) to|want to (?:make sure"
    r"|be careful|avoid|try|start|keep))"
)
#: A clause begins here; elsewhere "you can" is the tail of a relative ("things you can do") or reported ("you
#: feel you should step in"): told, asked or supposed, not advised.
_CLAUSE_HEAD = re.compile(
    r"(?:^|[,;:(] |-- |\b(?:and|but|so|or|then|also|now|well|maybe|perhaps|because|obviously|actually"
    r"|really|probably|first|next|still|okay|yes|no|yeah|though|however|instead|therefore|in that case"
    r"|that 's why|which is why|next time|this time|at this point) )$"
)
#: "I think you should" advises although it reports; so does "I'd say you need".
_OWN_VIEW = re.compile(
    r"\bi (?:(?:really|just|do|would|'d|also|still) )*(?:think|feel|believe|say|guess|know|hope"
    r"|wish)(?: that)?(?: maybe| perhaps| ,)* $"
)
_OBLIGES = re.compile(rf"\b{_WHO} {_MILD}{_DEONTIC}\b")
_PLAN = re.compile(
    r"\b(?:you (?:(?:can|could|may|might) (?:(?:always|also|just|maybe|perhaps|start by|try|simply|even"
    r"|probably|first|then) )*(?!(?:not|n't|see|hear|tell|feel|say|imagine|be|have been|have|do that|still"
    r"|think|remember|describe|name|decide|choose|(?:see|read) it (?:otherwise|differently))\b)[a-z]{2,}))"
)
#: "For the ramp you should …": what it is about stands first.
_ABOUT = re.compile(r"^(?:for|with|on|about|in) (?:the|your|this|that|these|those) (?:\w+ ){1,2}$")
_OFFERED = tuple(
    re.compile(p)
    for p in (
        r"\b(?:it|that) (?:(?:might|may|could|would|'d|is|'s) )+(?:(?:also|well|probably|perhaps) )*(?:be )?worth \w+ing\b|^worth \w+ing\b",
        r"^(?:(?:much|far|maybe|perhaps) )?better (?:you|if you|to (?!have\b))",
        r"\bi (?:(?:'d|would|can|could|'m going to|'m gonna|want to|do|am going to|have to) )?(?:(?:really"
        r"|strongly|just|also|highly|always|still) )*(?:suggest|recommend|advise|urge|encourage you)\b",
        r"\b(?:my|one|another|a|the) (?:(?:best|strong|only|first|good) )?(?:advice|suggestion"
        r"|recommendation|tip(?! jar))\b(?! (?:you|he|she|they) (?:gave|asked|got))",
        r"\bif i (?:were|was) (?:you|him|her|in)\b|\b(?:in|were) your (?:shoes|place|position)\b"
        r"|\bwhat i (?:would|'d) (?:do|suggest|say|recommend|try)\b",
        r"\bi (?:'d|would) (?:(?:just|probably|maybe|rather|first|also|definitely|personally|certainly"
        r"|start by|say to|always|not|n't) )*(?!(?:like|love|say|guess|imagine|want|be|think|have|hear"
        r"|appreciate|call it|expect|describe|prefer|welcome|know|see|rather|read|add|also|just|maybe"
        r"|probably|first|never|not)\b)[a-z]{2,}\b",
        r"\bi (?:hope|wish|want|need|'d like|would like|'d love|'d want|'d prefer"
        r"|expect)(?: for)? (?:that )?you (?:'d|would|will|'ll|could|to|really|consider|heed|quit|stop|take"
        r"|think)\b(?! (?:tell|know|share|hear|say|feel free|describe))",
        r"\b(?:it|that) (?:(?:is|'s|would|'d|might|may|could|will|'ll) )(?:(?:also|really|probably|just|not"
        r"|n't|be|always) ){0,3}(?:better|best|good|helpful|wise|wiser|useful|worth|a good idea"
        r"|a great idea|an idea|a bad idea|important|safer|smart|sensible|crucial|essential|time|beneficial"
        r"|healthier|key)(?: idea)?(?: for (?:you|him|her|them))? (?:to (?!you|me|him|her|us|them|see|hear"
        r"|know)|if (?:you|he|she|they)\b|that (?:you|he|she|they) (?!'re|are|were|was|is|did|had|'ve|have)"
        r"|\w+ing\b)",
        r"\b(?:the|one|another|a) (?:(?:best|first|right|key|next|simplest|easiest|safest|good|better|great"
        r"|other|important) )*(?:thing|option|idea|way|approach|trick|step|move|strategy)(?: (?:here"
        r"|for you|forward))? (?:(?:would|might|could|may) be|is|to do is|you (?:can|could|might|need to"
        r"|should) (?:\w+ ){0,3}is) (?:to|that you|just)\b",
        r"\b(?:one|another|some|other|few|several) (?:good |other |different )?(?:things?|options?|ideas?"
        r"|ways?|possibilit(?:y|ies)|approach(?:es)?)(?: that)? (?:you (?:can|could|might|need|want)"
        r"|would be to|to (?:try|do|consider)|might be)\b",
        r"\bthe (?:key|trick|answer|secret|solution|point|thing) (?:here )?is (?:to|that you)\b"
        r"|\bthere (?:is|are|'s) (?:some|other|a few|several|many|lots of) (?:other |different )?(?:things?"
        r"|ways?|medications?|approaches) (?:to|you|that|which|we)\b",
        r"\b(?:you|they|he|she) (?:do|does) need to\b|\byou (?:'d|would) be (?:better|wise)\b",
        r"\b(?:need|needs|have|has|'ve got) to (?:stop|start|take responsibility|quit|change"
        r"|cut)\b(?<!what you )",
        r"(?<!to )(?<!'ll )\bmake sure (?!i\b)(?:that |to )?\w+|\bwhat you (?:\w+ )?(?:need|want|have"
        r"|ought) to do(?: is| ,|$)|\bbe sure to\b|\bdo n't forget\b|\bit (?:'s|is) (?:time|up to you) to\b",
    )
)

#: Bare verbs that open an imperative even without an object; the second set doubles as nouns and needs one.
_VERB = frozenset(
    "ask avoid be begin bring choose clarify communicate consider delegate discuss do encourage ensure"
    " explain find focus follow get"
    " give go have hold include involve invite keep leave let listen make meet move prepare put reach read"
    " remember remind remove send set"
    " sit speak start stay step stop take talk teach tell tie trust try turn use wait work write decide"
    " agree announce arrange act allow"
    " apologise apologize assign attend book build buy cancel carry change clear close coach collect come"
    " cut define deliver draw email"
    " establish expect fix forget hand handle hire identify introduce join learn limit look love maintain"
    " pair pause phone pick plan"
    " postpone praise promote provide pull push quit raise relax replace reply resist reward ring run"
    " schedule separate share shut"
    " sleep solve spend split support switch think track train visit walk warn withdraw exercise drink eat"
    " smoke rest call check"
    " review report document book design test offer feed say show block accept admit break speak count"
    " delay drop end finish".split()
)
_NOUN_TOO = frozenset(
    "plan call check review report document book design test offer work change talk email phone coach"
    " support reply visit rest love"
    " drink exercise sleep reward trust hand look count delay drop end finish walk track start stop train"
    " set try pause say block limit"
    " smoke break close move run turn share show".split()
)
_NEVER_A_VERB = (
    AUX - {"have", "do"} | SUBJECT | DETERMINER | WH | frozenset(
        "not n't also all both half even only just maybe perhaps then now today tomorrow yesterday tonight"
        " once twice first second third"
        " last next and or but so if as at by for from in into of off on onto out over past per than"
        " through to under until up via with"
        " without within while when because although though since after before about above across against"
        " along among around behind"
        " below beneath beside between beyond despite during except inside near outside toward towards"
        " unlike upon like thanks thank"
        " yes no yeah okay ok please sorry hello hi welcome well right good great fine sure same such quite"
        " rather very really still"
        " too more most much many few less least several either neither nor here hello monday tuesday"
        " wednesday thursday friday saturday"
        " sunday january february march april june july august september october november december whatever"
        " whoever whether unless"
        " someone anybody nobody somebody everyone everybody nothing something anything everything enough"
        " another other others"
        " got made said heard took went came saw told gave left found thought knew felt ran put given yet"
        " 'cause cause oh ah god gosh being having kind sort"
        " two three four five six seven eight nine ten goodbye bye congratulations one".split()
    )
)  # fmt: skip
#: Bare nouns that often open a sentence: "Work on the roof stops on Friday".
_MASS = frozenset("work support trust change rest love reward exercise sleep smoke drink report help plan".split())
_OBJECT = frozenset(
    "him her them it me us yourself himself herself themselves the a an your his their my"
    " our its this that these those".split()
)
_GRADING = ("ion", "ness", "ment", "ity", "ly", "ing", "ed", "ism", "ship", "est")
_ADVERB = frozenset(
    "please just then and so but maybe perhaps also now first instead again never always"
    " simply next okay ok well yes yeah no right".split()
)
#: Imperatives that invite to talk, or to take or leave what was said: not advice about the work.
_INVITES = re.compile(
    r"(?:tell (?:me|us)\b|say (?:more|a|it|what|yes|no|so|stop|if)\b|describe|imagine|picture|suppose"
    r"|remind me|share|walk me|talk me|help me|take (?:a|your|one|as much) (?:\w+ )?(?:moment|minute|second"
    r"|time|breath|guess)|think (?:of|back)|give (?:me|us)\b|let me\b|let us\b|let 's|go (?:on|ahead)"
    r"|come (?:in|on|back)|hold on|hang on|wait a|look ,|see\b|feel free|keep going|have (?:a (?:good|nice"
    r"|great|lovely|safe)|you|n't|they|we|he|she)|(?:\w+ ){1,3}(?:it )?or (?:drop|leave|bin|ignore|forget"
    r"|skip|not|discard|bin)|(?:drop|leave|bin|ignore) it or|do (?:you|i|we|they|he|she|n't (?:worry|mind))"
    r"|be (?:honest|well)|thank|excuse|forgive|correct me|stay (?:with|on|there) (?:that|it|the line|for)"
    r"|start (?:anywhere|where|wherever|with)|pick (?:one|whichever|any)|choose (?:one|whichever)|enjoy"
    r"|(?:call|ring|phone|text) me (?:if|for)|say if|ask me)"
)  # fmt: skip
_LETS = re.compile(
    r"let 's (?!(?:just |now |maybe )?(?:talk|look|see|say|start|stay|think|go|come|take|pause|put|hear"
    r"|explore|leave|turn|return|imagine|suppose|call|pick|face|focus|move|not|do that|back)\b)\w+"
)


def advises(sentence: Sentence, *, clipped: bool = False) -> tuple[int, int] | None:
    """Find the words of a sentence that tell somebody what to do, as a span of the text.

    `clipped` is for messages, where a subject is often left out ("Hope it works", "Seen the leaflet"): a bare word is
    then an order only if it is a verb of the lexicon.
    """
    asked = asks(sentence)
    question_from = _first_question(asked)
    statement = " ".join(t.text for t in sentence.tokens[:question_from])
    if question_from is None and (found := _imperative(sentence, clipped)):
        return found
    for match in _OBLIGES.finditer(statement):
        before = statement[: match.start()]
        if _CLAUSE_HEAD.search(before) or _OWN_VIEW.search(before) or _ABOUT.search(before):
            return sentence.span(*match.span())
    for match in () if asked else _PLAN.finditer(statement):
        if _CLAUSE_HEAD.search(statement[: match.start()]):
            return sentence.span(*match.span())
    return next((sentence.span(*m.span()) for p in (*_OFFERED, _LETS) if (m := p.search(statement))), None)


def _first_question(asked: tuple[Ask, ...]) -> int | None:
    """Give the token at which the sentence begins to ask; what stands before it may still advise."""
    plain = [a for a in asked if a.form not in (Form.STATEMENT, Form.TAG, Form.REQUEST)]
    return plain[0].at if plain else None


def _imperative(sentence: Sentence, clipped: bool) -> tuple[int, int] | None:
    """Find an imperative at the head of a clause."""
    tokens = sentence.tokens
    for head in _clause_heads(tokens):
        i = head
        while i < len(tokens) and (tokens[i].text in _ADVERB or not tokens[i].is_word):
            i += 1
        negated = [t.text for t in tokens[i : i + 2]] in (["do", "n't"], ["do", "not"])
        if negated:
            i += 2
        if i >= len(tokens) or (negated and tokens[i].text in SUBJECT):
            continue
        if head == 0 and i + 1 < len(tokens) and tokens[i + 1].text in (":", "("):
            continue  # "Ask: …", a note's label
        rest = " ".join(t.text for t in tokens[i : i + 8])
        if _INVITES.match(rest) or (
            negated and tokens[i].text in ("worry", "mind", "know", "think", "get", "hesitate")
        ):
            continue
        if clipped and tokens[i].text not in _VERB:
            continue
        if _opens_imperative(tokens, i, first=head == 0, negated=negated):
            end = min(i + 3, len(tokens) - 1)
            return tokens[i].start, tokens[end].end
    return None


def _clause_heads(tokens: tuple[Token, ...]) -> list[int]:
    """List where an imperative may begin: at the start, after a colon, after a leading "if …," clause."""
    heads = [0]
    topic = _ABOUT.match(" ".join(t.text for t in tokens[:3]) + " ")
    if topic and len(tokens) > 4:  # "For the windows use the laser"
        heads.append(3)
    conditional = bool(tokens) and tokens[0].text in (
        "if",
        "when",
        "before",
        "after",
        "once",
        "next",
        "instead",
        "for",
        "until",
    )
    for i, token in enumerate(tokens[:-1]):
        if token.text in (":", ";") or (
            token.text == "," and (conditional or tokens[i + 1].text in ("then", "so", "just", "please"))
        ):
            heads.append(i + 1)
    return heads


def _opens_imperative(tokens: tuple[Token, ...], i: int, *, first: bool, negated: bool) -> bool:
    word = tokens[i].text
    after = tokens[i + 1].text if i + 1 < len(tokens) else ""
    if word in _NEVER_A_VERB or not word.isalpha() or word == QUOTE:
        return False
    if after in (
        "is",
        "are",
        "was",
        "were",
        "'s",
        "has",
        "had",
        "will",
        "would",
        "can",
        "could",
        "and",
        "n't",
        "or",
        ",",
    ):
        return negated and word in _VERB
    if word == "step" and after.isdigit():
        return False  # "Step 2 ends when …", a name
    if word in ("have", "do", "be") and not negated:
        return (word == "be" and after != "") or (
            word == "have" and after in ("a", "the", "him", "her", "them", "your", "one") and first
        )
    if word in _VERB and word not in _NOUN_TOO:
        return after != "" or negated
    if after in ("this", "that", "these", "those", "its") and word not in _VERB:
        return False  # "the one that got away", a noun before its relative clause
    if after in _OBJECT and not word.endswith(_GRADING) and (word in _VERB or (first and not word.endswith("s"))):
        return True
    return word in _VERB and (
        after.endswith("ing")
        or (
            word not in _MASS
            and after in ("with", "by", "to", "for", "out", "up", "off", "back", "on", "down", "about")
        )
        or negated
    )


def gives_advice(sentence: str) -> bool:
    """Tell whether words say what somebody should do; what is only asked, told or quoted does not count."""
    return any(advises(s) for s in sentences(sentence))
