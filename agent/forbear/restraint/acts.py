"""Tell what a sentence does to the one who hears it: leads, rescues or blames.

Patterns run over a sentence's line (see `grammar`): "do n't" is two words, a quotation is one mark. They are
built from slots (an auxiliary, a subject, a class of verbs); a fixed phrase stands only where it is the
fault.
"""

from __future__ import annotations

import re

from forbear.restraint.grammar import Sentence
from forbear.restraint.model import Voice
from forbear.restraint.questions import Ask, Form

_AUX = r"(?:do|does|did|is|are|was|were|have|has|had|can|could|will|would|should|must|might)"
_PERSON = r"(?:you|he|she|they|we|i|it|that|this|there)"
_OTHER = r"(?:he|she|they)"
_SOFT = (
    r"(?:(?:maybe|perhaps|possibly|just|simply|please|also|at least|instead|then|first|try to|be able to"
    r"|be willing to|consider|kindly) )*"
)
#: Verbs of thought, speech and perception: "can you see …" asks about them, "can you move …" asks for a deed.
_MENTAL = (
    r"(?:see|hear|feel|imagine|picture|trust|live|cope|afford|bear|stand|believe|accept|understand|remember"
    r"|recall|think of|think|say|tell|describe|name|know|notice|explain|expect|want|like|prefer|be|have"
    r"|call|rate|sleep|face|let go|put into|do(?! it)|recognise|identify|love|hate|need|mind|agree)"
)
_DEED = rf"(?!{_MENTAL}\b)[a-z]{{2,}}"
#: Forward-looking help that the asker has already chosen: "How could you support her?".
_REMEDY = (
    r"(?:help|support|give|let|show|encourage|ensure|make sure|empower|step|set|create|build|use|turn"
    r"|motivate|coach|teach|train|involve|reassure|delegate|communicate|remind|get|bring|hold|stop|avoid"
    r"|prevent|improve|change|start|free|protect|trust|break|split|share)"
)
_WORK = (
    r"(?:fix|solve|sort|handle|finish|redo|rewrite|re-write|correct|complete|repair|resolve|deal with|cover"
    r"|tidy|mend|clean up|clear up|do (?:it|that|this|them|the|your|his|her)|take (?:it|that|this|them|over"
    r"|care|the|on|your|his|her)|step in|jump in|ring|phone|email|e-mail|write (?:it|to|the|that|a|your)"
    r"|draft|edit|chase|speak (?:to|with)|talk to|have a (?:quick )?(?:word|look)|look (?:over|into|after)"
    r"|go over|go through|review|check (?:it|that|this|them|your|the|his|her|with)|see to|pick (?:it|that"
    r"|this) up|add (?:it|that|the)|approve|sign|book|order|call (?!you|me)|run (?:it|the|that)|cook|prep"
    r"|arrange|organise|organize|put (?:it|that|together|in)|make (?:it|the|that|a)|send (?:it|that|them"
    r"|the|a))"
)

LEADING = tuple(
    re.compile(p)
    for p in (
        r"(?:^|[,;:] |-- |\b(?:so|and|but|well|or) )have (?:you|we) (?:(?:ever|already|at least|not|even"
        r"|also) )?(?:considered|thought (?:about|of)|tried|asked|spoken|talked|told|looked (?:at|into)"
        r"|offered|explained|explored|checked)\b",
        r"(?:^|[,;:] |-- |\b(?:so|and|but|well|or) )(?:what if|how about(?! you\b| (?:him|her|them)(?: |$))"
        r"|why not|why do n't (?:you|we)(?! (?:tell|say|share|describe|start with|talk))"
        r"|what about (?:\w+ing\b|if\b|a |an |some ))",
        r"\bwhat (?:[\w']+ ){0,2}(?:(?:stop|stops|stopping|stopped|prevent|prevents|preventing|prevented"
        r"|blocks|blocking) (?:you|him|her|them)\b|(?:keep|keeps|keeping|kept|hold|holds|holding) (?:you"
        r"|him|her|them) (?:from|back)\b)",
        r"\bwhat (?:is|'s|would be|was) (?:(?:so|the) )?(?:bad|hard|difficult|harm|problem|wrong"
        r"|risk)? ?(?:about|with|in|of) (?:just|simply|asking|letting|telling|giving|leaving|waiting"
        r"|trying)\b",
        r"\b(?:what|how) .*\bif (?:you|he|she|they|we) (?:(?:were|was) to )?(?:just|simply|instead|only"
        r"|maybe|actually|stopped being)\b",
        rf"(?:^|[,;:] |-- |\b(?:so|and|but|well) )(?:could|would|will|wo|ca|might) (?:n't )?(?:you|he|she"
        rf"|they|we) (?:not )?{_SOFT}(?:be (?:better|wise|easier|possible)"
        rf"|{_DEED})\b(?<!rather)(?! (?:call it|say)\b)",
        r"(?:^|[,;:] |-- |\b(?:so|and|but|well) )(?:can) (?:you|we) (?:maybe|perhaps|possibly|just|simply"
        r"|please|at least|instead|try|make sure|start)\b",
        r"(?:^|[,;:] |-- |\b(?:so|and|but|well|or|okay) )(?:would|could|might|will|is|are)(?: n't)? (?:it"
        r"|that|there) (?:(?:not|perhaps|maybe|also) )?(?:be |make |help |work )?(?:more |so |a )?(?:better"
        r"|best|help|wise|wiser|easier|useful|helpful|good|good idea|idea|possible|sense|smart|worth|time"
        r"|fair|simpler|kinder|sensible|safer|that)\b.*\b(?:to|if|for|that|when|he|she|they|you)\b",
        r"(?:^|[,;:] |-- |\b(?:so|and|but|well|or|okay) )(?:(?:could|might|may) (?:it|this|that) (?:be"
        r"|have)\b|is it (?:possible|not|because|that|fair to say|perhaps|just)\b)|(?:^|[,;:] |-- |\b(?:so"
        r"|and|but|well) )do you (?:agree|accept|admit|see that|realise|realize|not)\b",
        r"(?:^|[,;:] |-- |\b(?:so|and|but|well|or|okay) )(?:do|does) (?:n't )?(?:you|he|she) (?:(?:really"
        r"|honestly|not) )?(?:think|feel|agree|believe)(?: that)? (?:.* )?(?:should|ought|need|needs|could"
        r"|might|would|it 's|it is|it may|perhaps|maybe)\b",
        r"\b(?:surely|of course|after all|be honest)\b|^(?:and |so |but )?(?:clearly|obviously)\b",
        rf"\bhow (?:could|can|might|will|would) you (?:(?:best|better|now|start to|begin to|perhaps|maybe"
        rf"|make it) )*{_REMEDY}\b(?! (?:know|see|hear)\b)",
        r"\bhow (?:can|could|will|do|would|are) (?:you|we) (?:going to )?(?:make sure|ensure|guarantee"
        r"|avoid|prevent|stop|plan to make sure)\b",
        r"\bwhat (?:\w+ )?(?:boundar\w+|checks?|checklists?|checkpoints?|deadlines?|feedback|support"
        r"|training|conversations?|systems?|process\w*|structures?|rules?|milestones?|help|guidance"
        r"|incentives?|consequences?) (?:could|can|might|should) you (?:set|give|put|offer|have|provide"
        r"|agree|use|build|introduce|make)\b",
        r"\b(?:what|which|how|when|where|who)\b.*\bshould (?:you|we)\b|\b(?:is"
        r"|would) now (?:be )?the time\b|(?:^|[,;:] |-- |\b(?:so|and|but|well|or|okay) )(?:are|is) (?:you"
        r"|it) (?:not|n't)\b",
        r"\bwhen (?:will|are|would) you (?:going to )?(?:finally |just )?(?:tell|give|hold|have|start|stop"
        r"|set|let|hand|speak|talk|sit|apologi[sz]e|thank)\b",
        r"\b(?:what 's|what is) your plan for (?:letting|giving|stopping|stepping|telling|trusting|handing"
        r"|delegating)\b|\bwhat would be a (?:better|smaller|simpler|more|wiser|kinder)\b",
        r"\b(?:how|what) (?:much )?(?:better|easier|happier|calmer|lighter) would\b|\bhow (?:important"
        r"|useful|good|helpful|valuable) (?:is|would) it (?:be )?(?:to|that|for|if)\b|(?:^|[,;:] |-- "
        r"|\b(?:so|and|but|well|or|okay) )(?:are|is) (?:you|he|she|this) (?:perhaps|maybe|just|really"
        r"|simply|afraid|avoiding|being|trying|too)\b",
    )
)  # fmt: skip

BLAME = tuple(
    re.compile(p)
    for p in (
        r"\bwhy (?:on earth |the hell |exactly |then )?(?:do|does|did|have|has|had|would|ca|could|wo|is|are"
        r"|was|were|should)(?: n't)? (?:you|he|she|they|nobody|no one|anyone|anybody"
        r"|somebody)\b(?<!why do you)",
        r"\bwhy do (?:n't )?you (?:always|never|keep|still|even|have to|need to|insist|constantly|think you"
        r"|bother|let|not)\b|\bwhy (?:is|was) (?:it that (?:you|he|she|they)|n't)|\bwhy not (?:check|ask"
        r"|tell)\b.*\bfirst\b",
        r"\bhow come (?:you|he|she|they|nobody|no one|it)\b",
        rf"\bhow (?:could|can|dare) (?:you|he|she|they)(?: (?:even|possibly|just|ever))? (?!(?:tell|know"
        rf"|see|find|notice|learn|describe|spot|hear|be sure|help|best|better|now|start|begin|perhaps|maybe"
        rf"|make|{_REMEDY})\b)[a-z]+",
        r"\bhow (?:could|can) (?:you|he|she|they) (?:even|possibly|just|ever|let|get|allow|make such)\b"
        r"|\bhow on earth\b|\bwhat on earth\b|\bwhat the hell\b|\bwhat possessed\b",
        r"\bwhat (?:were|was) (?:you|he|she|they) (?:(?:even|possibly) )?(?:thinking|playing at"
        r"|doing)(?! (?:about|of|at (?:the|that) (?:time|moment|point))\b)(?= (?:,|--|when|by|starting"
        r"|letting|sending|to)|$)",
        r"\bwho (?:let|allowed|broke|forgot|messed|missed|failed|dropped|screwed|approved|authori[sz]ed"
        r"|signed (?:this|that|it) off|left|caused|ruined|lost|told you|said you could|did (?:this|that|it)"
        r"|'s (?:to blame|responsible for (?:this|the|that))|is (?:to blame|at fault)|was supposed)\b",
        r"\b(?:you|he|she|they|who|n't you|n't he|n't she|n't they) (?:really |all |both )?(?:should"
        r"|ought to|could|might|must)(?: n't| not| at least)? have (?!to\b|a\b|the\b|any\b|some\b)\w+"
        r"|\b(?:should|could|ought|might)(?: n't)? (?:you|he|she|they) (?:not |at least )?have\b(?! (?:to|a"
        r"|the|any|in)\b)",
        r"\bwhat (?:could|should|might) (?:you|he|she|they) have done\b"
        r"|\bwhat would you have (?:had )?to\b.*\bavoid",
        r"(?<!do )(?<!does )(?<!did )(?<!what )\b(?:you) (?:always|never|constantly"
        r"|keep (?:on )?(?!coming)\w+ing)\b(?! (?:ask|want|know|had|been|imagine|be|see|wanted|to)\b)",
        r"\b(?:have|do|must) you always\b|\balways have to\b",
        r"\bwhat (?:\w+ )?(?:(?:stopped|prevented|kept) (?:you|him|her|them) from|stopped (?:you|him|her"
        r"|them) \w+ing)\b|\bwhat made (?:you|him|her|them) (?:ignore|forget|miss|fail|break|neglect"
        r"|think (?:that )?(?:you|(?:it|that|this) (?:was|is) (?:ok|okay|fine|acceptable)))\b",
        r"\b(?:did|have|had) (?:you|he|she|they) (?:(?:not|even|manage to|so badly) )*(?:fail|failed|forget"
        r"|forgotten|neglect|overlook|screw|mess|ruin|miss|let (?:this|that|it) (?:happen|slip|go|get)"
        r"|bother|get (?:it|this) (?:so )?wrong)\b",
        r"\byou (?:(?:have|'ve) )?(?:failed|neglected|forgot|messed|ignored|let (?:me|us|him|her|them) down"
        r"|do n't (?:even )?(?:care|listen|bother)|did n't (?:even )?(?:bother|think|care|listen|check))\b",
        r"\bthe obvious\b|\bas i(?: 've| have)? (?:already )?(?:said|told)\b|\bonce again ,? ?you\b"
        r"|\bhow hard (?:can|could|is) it\b|\b(?:your|his|her|their|whose) (?:own )?fault\b|\bto blame\b"
        r"|\bat fault\b|\bwhat 's your excuse\b|\bno excuse\b",
        r"\bi (?:was|am|'m) (?:(?:a bit|a little|rather|quite|very|really) )?(?:surprised|disappointed|astonished) (?:to|that|by|in|with)\b"
        r"|\bi (?:did|had) (?:rather )?expect(?:ed)?\b|\bi told you (?:already|before|twice|in|last|about|so)\b"
        r"|\b(?:this|that|it) (?:would|could) (?:not|n't|never) (?:have|of) happened\b|\byou (?:'d|would|could|might) have been better\b"
        r"|^again i (?:see|find|hear|had)\b|\bonce again i\b",
        r"\bexplain (?:to me )?(?:why|yourself)\b|\bjustify\b|\bwhat (?:was|is|'s|were) (?:the|your|his|her"
        r"|their) (?:reasons?|excuse|justification) for (?:not|n't|ignoring|missing)\b|\bwhat reason (?:did"
        r"|do|could) (?:you|he|she|they)\b",
        r"\bwhat (?:went|did (?:you|he|she|they) (?:do|get)) wrong\b|\bwhat (?:is|'s|was) (?:wrong"
        r"|the matter) with\b|\bwhere did (?:you|he|she|they) go wrong\b|\bwhat (?:is|was|'s) (?:your|his"
        r"|her|their) (?:mistake|failure|problem)\b",
    )
)  # fmt: skip

#: What a leader has done to work that was not theirs.
_REDONE = "rewrote|redid|fixed|corrected|changed|finished|reworked|edited|sent|did|sorted|tidied|rearranged|adjusted"
_RESCUE = tuple(
    re.compile(p)
    for p in (
        rf"\b(?:(?:shall|should|can|could|may|might|would it help if|is it easier if) i|(?:do you want"
        rf"|would you like|do you need|want) me to) (?:(?:just|quickly|go and|maybe|at least) )*{_WORK}\b",
        r"\b(?:shall|should|can|could|may|might) i (?!(?:help you (?:think|look)|ask|say|name|know"
        r"|understand|hear|share|tell|offer|add|mention)\b)[^?]*\bfor you\b",
        rf"\b(?:i 'll|i will|i 'm going to|i am going to|i 'm gonna|i can|i could|let me|i 'd better"
        rf"|i had better)(?: (?:just|quickly|go and|go|happily|gladly|also|then|try to|come and|help you"
        rf"|help))* {_WORK}(?: |$)",
        r"\b(?:leave|give|hand|pass|bring|send) (?:it|that|this|them|the rest|the \w+|him|her)(?: all| back"
        r"| straight)? (?:with|to|over to) me\b|\b(?:leave it|it 's ok ,? leave it) (?:with|to) me\b",
        r"\b(?:send|show|forward|bring|give|email|copy|cc|pass|get) (?:me|it to me)\b.*\b(?:first|before"
        r"|so (?:that )?i|each|every|draft|drafts)\b|\b(?:send|show|give|forward|bring|email) (?:it|that"
        r"|them|this|each \w+|every \w+|the \w+) (?:to|past) me (?:first|before)\b|\bcopy me in\b"
        r"|\bkeep me (?:posted|in the loop|updated|copied)\b",
        r"\b(?:run|put|get|clear|check|confirm|agree) (?:it|that|this|everything|them|each \w+|every \w+"
        r"|things|the \w+) (?:past|by|with) me\b|\b(?:check|clear it|check in|talk) with me (?:first"
        r"|before)\b|\bcheck with me\b|\bcome (?:back )?to me (?:first|before|with (?:any|every|each))\b",
        r"\bi 'll take (?:it|this|that) (?:from here|over|on|back)\b|\bi 'll do it\b|\bi 've got (?:it|this"
        r"|that)\b(?= |$)(?! (?:on|from))|\bi 'll be (?:checking|watching|reviewing)\b"
        r"|\bdo n't worry about (?:it|that|this) ,? i\b",
        r"\b(?:sort|fix|finish|handle|solve|do) (?:it|this|that|them) (?:out |all )?for you\b"
        r"|\bi (?:'ve|have) (?:(?:just|already|quickly|now|also|even) )?(?:rewritten|redone|fixed|corrected|finished|changed|moved"
        r"|tidied|reworked|rearranged|edited|adjusted|reordered|reworded) (?:the|your|it|them|that|this|a|some|half|most)\b"
        r"|(?:^|[,;] |\b(?:and|just|popped in \w+ \w+ \w+ and) )(?:moved|rewrote|redid|fixed|tidied|rearranged|reordered) your\b"
        r"|\bi (?:'ll|will) (?:just |quickly )?(?:push|write|make|put|throw|knock) (?:together )?(?:up )?a (?:quick |small |new )?(?:fix|draft"
        r"|version|patch|list|plan|note)\b"
        rf"|\bi (?:went ahead and|have gone ahead and|'ve gone ahead and|quickly|just) (?:\w+ )?(?:{_REDONE})\b"
        r"|\b(?:keep|put|copy) me (?:in|on) (?:cc|copy|the loop|the thread)\b|\b(?:put|have) me on cc\b",
    )
)  # fmt: skip
#: To the leader, what would be work is the employee's; to the employee the same words leave it where it is.
_RESCUE_LEADER = tuple(
    re.compile(p)
    for p in (
        rf"\b(?:how|when|by when) (?:will|are|can|could) you (?:going to |planning to |best "
        rf"|then )?{_WORK}(?: |$)(?!(?:the |your )?(?:urge|silence|wish|impulse|pull|feeling|yourself)\b)",
        r"\bwhen (?:will|are|can|could) you (?:going to )?(?:take a look|have a look|look at|look over"
        r"|check|review|see|go over|go through|inspect|read)\b",
        r"\b(?:what 's|what is) your plan (?:for|to) (?:get(?:ting)?|fix(?:ing)?|solv(?:e|ing)|sort(?:ing)?"
        r"|finish(?:ing)?|complet(?:e|ing)|handl(?:e|ing)|check(?:ing)?|chas(?:e|ing)|meeting|making)\b"
        r"|\bwhat (?:'s|is) your plan\b.*\b(?:his|her|their)\b",
        rf"\b(?:which|what|how|where|when)\b.*\b(?:should|must|ought) {_OTHER}\b|\bwhat do you want (?:him"
        rf"|her|them) to do (?:first|next)\b|\bwhat (?:should|would) (?:his|her|their) (?:next|first) step",
        r"\bhow (?:will|can|could|would|are) you (?:going to )?(?:help|get|make|push|chase) (?:him|her"
        r"|them) (?:to )?(?:fix|finish|solve|do|meet|complete|hit|deliver|catch up)\b",
    )
)  # fmt: skip
_THOUGHTS = frozenset((Form.NEGATIVE, Form.TAG))


def leads(sentence: Sentence, asked: tuple[Ask, ...]) -> tuple[int, int] | None:
    """Find where a question marks one answer as right or holds an action."""
    if not asked or any(a.form is Form.PERMISSION for a in asked):
        return None
    for ask in asked:
        if ask.form in _THOUGHTS:
            return sentence.tokens[ask.at].start, sentence.tokens[-1].end
    if asked[0].form is Form.REQUEST:
        return None
    return _first(LEADING, sentence)


def blames(sentence: Sentence) -> tuple[int, int] | None:
    """Find words that presuppose a fault, demand a defence or judge by hindsight."""
    return _first(BLAME, sentence)


def rescues(sentence: Sentence, voice: Voice) -> tuple[int, int] | None:
    """Find words that move the work, its method or its checking to the leader."""
    return _first(_RESCUE + (_RESCUE_LEADER if voice is Voice.LEADER else ()), sentence)


def _first(patterns: tuple[re.Pattern[str], ...], sentence: Sentence) -> tuple[int, int] | None:
    return next((found for p in patterns if (found := sentence.find(p))), None)
