"""List the closed classes of English, and the frames that questions come in.

The frames (polite openings, tags, choices, offers) are patterns over a sentence's line (see `grammar`).
"""

# ruff: noqa: SIM905 -- a list of words reads best as words
from __future__ import annotations

import re

WH = frozenset("what which who whom whose why how when where".split())
BE = frozenset("is are was were am 's 're 'm".split())
DO = frozenset("do does did".split())
MODAL = frozenset("can could will would shall should may might must 'd 'll".split())
AUX = BE | DO | MODAL | frozenset("have has had 've".split())
SUBJECT = frozenset("i you he she it we they there that this these those".split())
DETERMINER = frozenset("the a an my your his her its our their this that these those any some every each no".split())
PREPOSITION = frozenset("in at to for with from of by on about since until through under".split())
CONJUNCTION = frozenset("and but or so plus then".split())
OPENER = CONJUNCTION | frozenset(
    "also now well okay ok yes yeah yep no right alright great good mm oh ah sure because 'cause anyway"
    " actually"
    " maybe perhaps first finally still again just please exactly absolutely wow though hey like fine".split()
)
#: Words that may stand between a wh-word and its verb, beside the noun phrase itself.
PHRASE_REACH = 9
TIME_OR_PLACE = frozenset(("when", "where", "why"))
FIGURE = frozenset("many often long old soon frequently big tall heavy late early".split())
FIGURE_NOUN = frozenset("time day date percentage year number percent age".split())
OUT_OF = re.compile(
    r"\b(?:scale|percent|out of (?:ten|10|five|5|100)|(?:zero|0|one|1) (?:to|and|-|--) (?:ten|10|five"
    r"|5))\b"
)

PARENTHESIS = re.compile(r", (?:if anything|if any|if either|if at all|then|exactly|specifically) ,?")

TALK = (
    r"(?:tell (?:me|us)|share|describe|explain|say|walk (?:me|us)|talk (?:(?:me|us) through|about"
    r"|(?:a (?:little|bit) )?more)|help (?:me|us) (?:to )?understand|give (?:me"
    r"|us) (?:an? )?(?:\w+ )?(?:example|idea|sense|picture)|expand|elaborate|fill me in|paint|speak (?:to"
    r"|about|more))"
)
#: "Could you tell me what …": a polite frame round an open request.
POLITE_REQUEST = re.compile(
    rf"(?:(?:can|could|will|would) you (?:(?:please|maybe|just|perhaps|kindly|also) )*(?:be (?:able"
    rf"|willing) to )?|(?:would|do) you (?:mind|like to|want to|care to) |are you (?:able|willing) to "
    rf"|why do n't you )(?:(?:just|maybe) )?(?:{TALK}|telling (?:me|us)|sharing|describing|explaining"
    rf"|saying|talking|filling me in)\b"
)
REQUEST = re.compile(rf"(?:(?:just|please|you|do|then) )*(?:{TALK})\b(?! (?:that|it|so|yes|no|hi|hello|sorry|thank)\b)")
INDIRECT = re.compile(
    r"(?:i (?:'m|am|was|'ve been|do|'d)? ?(?:just |also |really |kind of |still )*(?:wonder(?:ing)?|curious"
    r"|interested)|i (?:'d|would) (?:like|love|be (?:curious|interested)) to (?:hear|know|understand|ask"
    r"|find out)|curious|wondering|(?:i (?:'d|would) (?:like|love|be (?:curious|interested)) (?:to )?hear)"
    r"|i want(?:ed)? to (?:hear|ask|know|understand)|(?:can|may|could|let) (?:i|me) (?:just )?ask(?: you)?"
    r"|i do n't know|do you (?:know|remember|have any idea|have a sense(?: of)?))(?: (?:a (?:little"
    r"|bit) )?(?:more )?(?:to know|to hear|about|from you))*"
)
WHETHER = re.compile(r"^(?: ,)? ?(?:if|whether|could|would|is|are|do)\b")
SHORT_OPEN = re.compile(
    r"(?:and |but |so |okay |, )*(?:then what|such as|like|meaning|because|because of|in what way"
    r"|for example|for instance|like what|what else|anything else you .*|how so|so what|and|and then|what"
    r"|why|how|or what)"
)
IN_SITU = re.compile(r"\b(?:what|who|where|why|how|how much|which(?: one)?)$")
TAG = re.compile(
    r"(?:(?:,|--) ?(?:right|correct|yeah|yes|no|huh|eh|okay|ok|agreed|true|(?:is|are|was|were|do|does|did"
    r"|has|have|had|ca|can|could|would|will|should|am)(?: n't)? (?:i|you|he|she|it|we|they|there)(?: not)?)"
    r"|\w (?:is|are|was|were|do|does|did|has|have|can|could|would|will|should) n't (?:i|you|he|she|it|we"
    r"|they|there))(?: \[name\])?$"
)
#: "…, the date or the price": two short alternatives at the end; "or anything like that" is none.
CHOICE = re.compile(
    r"^(?:(?:in|at|to|for|with|from|of) )?(?:which|who|whose|what) .*(?:,|:"
    r"|--) (?!if\b)(?:[\w'§]+ ){1,6}or (?!\w+thing\b)(?:[\w'§]+ ?){1,6}$"
)
#: Yes or no would answer, but more is invited: "Anything else?", "Can you think of any other …".
INVITE = re.compile(
    r"\b(?:any ?thing else|any(?: \w+)? other|any more|some other)\b|^(?:(?:and|so|okay"
    r"|well) )*any (?:thoughts|ideas)\b|\b(?:thought|thoughts?) (?:\w+ ){0,2}(?:about|on) (?:\w+ )?(?:how"
    r"|what)\b"
)
PERMISSION = re.compile(
    r"(?:^|[,.:] )(?:(?:and|so|or) )*(?:(?:(?:do|would|'d) you )?(?:want|like|care"
    r"|prefer)(?: me)? (?:to )?(?:hear|see it|know what|name|say|share|tell you|have them)\b"
    r"|(?:do you )?want (?:that|it|them|those|one|two)\b|would you like (?:that|it|them|those|two"
    r"|to hear)\b|(?:can|may|could|shall|should|might) i (?:just )?(?:share|tell|say|name|offer|add|ask"
    r"|mention|put|read back|give you)\b|(?:would it (?:be (?:okay|ok|all right|alright|useful|helpful"
    r"|welcome)|help)|is it (?:okay|ok|all right|alright|useful)) (?:if i|if we|for me|to hear|to look"
    r"|to talk)|(?:do|would) you mind if (?:i|we)|(?:shall|should|can|could) we (?:look|start|stay|go back"
    r"|pause|stop|leave|come back|talk))"
)
