"""List the frames that questions come in: polite openings, indirect questions, tags, choices, offers.

Closed classes of spoken English, as patterns over a sentence's line (see `grammar`).
"""

from __future__ import annotations

import re

PARENTHESIS = re.compile(r", (?:if anything|if any|if either|if at all|then|exactly|specifically) ,?")

TALK = (
    r"(?:tell (?:me|us)|share|describe|explain|say|walk (?:me|us)|talk (?:(?:me|us) through|about"
    r"|(?:a (?:little|bit) )?more)"
    r"|help (?:me|us) (?:to )?understand|give (?:me|us) (?:an? )?(?:\w+ )?(?:example|idea|sense|picture)"
    r"|expand|elaborate|fill me in|paint|speak (?:to|about|more))"
)
#: "Could you tell me what …": a polite frame round an open request.
POLITE_REQUEST = re.compile(
    rf"(?:(?:can|could|will|would) you (?:(?:please|maybe|just|perhaps|kindly|also) )*(?:be (?:able"
    rf"|willing) to )?"
    rf"|(?:would|do) you (?:mind|like to|want to|care to) |are you (?:able|willing) to |why do n't you )"
    rf"(?:(?:just|maybe) )?(?:{TALK}|telling (?:me|us)|sharing|describing|explaining|saying|talking"
    rf"|filling me in)\b"
)
REQUEST = re.compile(
    rf"(?:(?:just|please|you|do|then) )*(?:{TALK})\b(?! (?:that|it|so|yes|no|hi|hello"
    rf"|sorry|thank)\b)"
)
INDIRECT = re.compile(
    r"(?:i (?:'m|am|was|'ve been|do|'d)? ?(?:just |also |really |kind of |still )*(?:wonder(?:ing)?|curious"
    r"|interested)"
    r"|i (?:'d|would) (?:like|love|be (?:curious|interested)) to (?:hear|know|understand|ask)|curious"
    r"|wondering"
    r"|(?:i (?:'d|would) (?:like|love|be (?:curious|interested)) (?:to )?hear)|i want(?:ed)? to (?:hear|ask"
    r"|know|understand)"
    r"|(?:can|may|could|let) (?:i|me) (?:just )?ask(?: you)?|do you (?:know|remember|have any idea"
    r"|have a sense(?: of)?)"
    r"|(?:any|some) idea)(?: (?:a (?:little|bit) )?(?:more )?(?:to know|to hear|about|from you))*"
)
WHETHER = re.compile(r"^(?: ,)? ?(?:if|whether|could|would|is|are|do)\b")
SHORT_OPEN = re.compile(
    r"(?:and |but |so |okay |, )*(?:then what|such as|like|meaning|because|because of|in what way"
    r"|for example|for instance"
    r"|like what|what else|anything else you .*|how so|so what|and|and then|what|why|how|or what)"
)
IN_SITU = re.compile(r"\b(?:what|who|where|why|how|how much|which(?: one)?)$")
TAG = re.compile(
    r"(?:(?:,|--) ?(?:right|correct|yeah|yes|no|huh|eh|okay|ok|agreed|true"
    r"|(?:is|are|was|were|do|does|did|has|have|had|ca|can|could|would|will|should|am)(?: n't)? (?:i|you|he"
    r"|she|it|we|they|there)"
    r"(?: not)?)|\w (?:is|are|was|were|do|does|did|has|have|can|could|would|will|should) n't (?:i|you|he"
    r"|she|it|we|they|there))"
    r"(?: \[name\])?$"
)
CHOICE = re.compile(r"(?:,|:|--) (?!if\b)[^,]{1,60}? or (?!\w+thing\b)[^,]{1,60}$")
PERMISSION = re.compile(
    r"(?:^|[,.:] )(?:(?:and|so|or) )*(?:"
    r"(?:(?:do|would|'d) you )?(?:want|like|care|prefer)(?: me)? (?:to )?(?:hear|see it|know what|name|say"
    r"|share|tell you|have them)\b"
    r"|(?:do you )?want (?:that|it|them|those|one|two)\b|would you like (?:that|it|them|those|two|to hear)\b"
    r"|(?:can|may|could|shall|should|might) i (?:just )?(?:share|tell|say|name|offer|add|ask|mention|put"
    r"|read back|give you)\b"
    r"|(?:would it (?:be (?:okay|ok|all right|alright|useful|helpful|welcome)|help)|is it (?:okay|ok"
    r"|all right|alright|useful))"
    r" (?:if i|if we|for me|to hear|to look|to talk)|(?:do|would) you mind if (?:i|we)"
    r"|(?:shall|should|can|could) we (?:look|start|stay|go back|pause|stop|leave|come back|talk))"
)
