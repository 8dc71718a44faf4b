"""List the rules of restraint: what each looks for, why, an example of both kinds, and what it cannot see. Pure.

A rule is a pattern over one sentence's plain text (lower case, quotations blanked), or a function where a pattern
is not enough. Patterns are written over grammatical slots (subject, modal, kind of verb), phrases only where the
phrase itself is the fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from forbear.restraint.grammar import Kind, Sentence, kind, stacked

Span = tuple[int, int]


@dataclass(frozen=True)
class Rule:
    """Describe one rule, for code, `forbear rules` and readers alike."""

    id: str
    criterion: str
    """R1-R11 of the question criteria, or `form`."""
    title: str
    why: str
    """One line, for the leader: also the finding's message."""
    good: str
    bad: str
    cannot_see: str
    severity: Literal["error", "warning"] = "error"


RULES = (
    Rule("closed", "R1", "Closed question", "Yes, no or one of two answers it; nothing new is learned.",
         "What tells you she is ready?", "Is she ready?", "A wh-question that in its context has only one answer."),
    Rule("stacked", "R2", "Two asks in one question", "It asks two things at once; people answer the easier one.",
         "What part of it is his to decide?", "What part is his, and who signs it off?", "Two asks that are folded into one noun."),
    Rule("many-questions", "R2", "More than one question", "More than one question in a turn; one is enough to think about.",
         "You looked twice today. What were you looking for?", "What did you feel? What did you do next?", "An ask that is put as a statement."),
    Rule("leading", "R3", "Leading question", "One answer is marked as the right one.",
         "What are you weighing up?", "Don't you think a checklist would help?", "An answer that is leaned towards by tone or choice of facts."),
    Rule("advice", "R3", "Advice", "It says what to do; the decision is theirs.",
         "Some leaders agree one date for the next look.", "You should hold a weekly meeting with her.", "Advice put as a story or as praise of somebody else."),
    Rule("rescue", "R7", "Rescue", "It moves the work, the method or the checking to the one who gave it away.",
         "What's the next decision you'll make on it?", "Shall I ring the inspector for you?", "A rescue that is only implied."),
    Rule("blame", "R4", "Blame", "It presupposes a fault or asks for a defence.",
         "What made it look right at the time?", "Why didn't you check with me first?", "A plain question that is meant as a reproach."),
    Rule("diagnosis", "R5", "Verdict on a person", "It looks at somebody's character, motive or private life.",
         "What are you doing that she can see?", "What's wrong with the way he plans?", "A verdict in ordinary words about the work."),
    Rule("long", "R8", "Too long", "More than 20 words: it is lost on the way.",
         "What would waiting cost?", "When you think back over the last weeks and all that you said about the rota and the ward and the people in it, what do you see?",
         "A short sentence that is hard to read.", "warning"),
    Rule("jargon", "R8", "Jargon", "Nobody says this to a colleague over coffee.",
         "What is hers to decide?", "What is your locus-of-control narrative around her deliverables?", "Words that are jargon only in one trade."),
    Rule("hollow", "R9", "Hollow formula", "It could be said to anybody and shows nothing was heard.",
         "Three times, and it isn't landing.", "I hear you, I totally understand.", "A reflection that is accurate in form and empty in fact."),
    Rule("flattery", "R9", "Flattery", "Praise for the leader is a verdict too.",
         "It went well, and you are asking what that asks of you.", "Great question, you're doing an amazing job.", "Flattery by comparison or by agreement."),
    Rule("siding", "R9", "Siding", "It takes a side or passes a verdict on somebody who is not here.",
         "There is pressure coming down on you as well.", "It sounds like your director is a bully.", "Siding by what is left out."),
    Rule("unsourced", "R10", "Claim without a source", "It claims evidence without saying whose.",
         "The series this is built on says the risk has to be contained.", "Studies show hovering halves output.", "A false claim that names a source."),
    Rule("stock", "R11", "Stock question", "It would fit any message unchanged.",
         "What would you do with the difference?", "How does that make you feel?", "A generic question in fresh words."),
    Rule("third-person", "form", "Third person to their face", "It must be sayable to the person it is about.",
         "How do you see Saturday?", "How does she see Saturday?", "A person who is named."),
    Rule("no-question", "form", "No question", "A question was due here.",
         "You looked twice. What were you looking for?", "You looked at it twice today.", "A question that asks nothing."),
    Rule("unheard", "form", "Question without a reflection", "A question with nothing before it shows nothing was heard.",
         "You looked twice. What were you looking for?", "What were you looking for?", "A reflection of something else."),
    Rule("parry", "form", "Question handed back", "The leader's question is only handed back.",
         "You want something usable. What have you ruled out?", "What do you think you should do?", "A parry in fresh words."),
    Rule("question-before-safety", "form", "Question where a plain word is due", "Where somebody can be hurt, no question comes first.",
         "I'm stepping out of question mode: stop the press and call maintenance.", "What do you notice about the missing guard?", "A safety line that says too little."),
    Rule("speech", "form", "Too long for a step-out", "A step-out is at most 70 words.",
         "I'm stepping out of question mode: this belongs with HR today.", "(more than 70 words)", "Whether each word is needed."),
    Rule("secrecy", "form", "Promise of secrecy", "Nobody can promise to keep this between two people.",
         "Don't promise to keep it between you.", "This stays between us, I won't tell anyone.", "A promise that is implied."),
    Rule("phone-number", "form", "Phone number", "A number nobody checked must not be given in a crisis.",
         "Call your local emergency number.", "Call 0800 555 0199 now.", "A wrong name of a service."),
)  # fmt: skip
RULE = {rule.id: rule for rule in RULES}

_YOU = r"(?:you|he|she|they|we)"
_DEONTIC = r"(?:should|shouldn't|ought(?:n't)? to|must|mustn't|need(?:s)? to|ha(?:ve|s) (?:got )?to|'ve got to|had better|'d better|are supposed to|want to (?:make sure|be careful|avoid|start|try|keep|think about)|might want to|may want to|'ll want to|will want to)"
#: What another person is said to think is not the coach's advice: "you feel you should step in".
_THOUGHT = re.compile(r"\b(?:feel|feels|felt|think|thinks|thought|say|says|said|saying|believe|know|knows|knew|decide|decided|wonder(?:ing)?|whether|if|when|what|how|where|that|not sure|which|who|whatever|why|because)(?: like)?(?: that)? $")
#: Verbs of doing: a modal or a bare verb with one of these is somebody telling somebody what to do.
_DO = (
    "ask|call|ring|phone|tell|talk|speak|check|make|take|give|let|put|set|get|go|start|stop|try|keep|use|write|send|show|move|hold|avoid|"
    "have|bring|leave|look|find|plan|schedule|arrange|agree|offer|share|read|sit|step|pull|push|fix|change|cut|limit|reduce|drink|eat|"
    "walk|run|train|teach|explain|remind|review|meet|book|build|pick|choose|switch|split|hand|draw|reach|quit|replace|join|follow|"
    "consider|remember|focus|practi[cs]e|prepare|delegate|trust|add|document|track|apologi[sz]e|praise|reward|warn|sack|fire|report|talk|wait|breathe|discuss|work|reward|visit|apply|attend|clarify|communicate|listen|be"
)
_MILD = r"(?:maybe |perhaps |also |just |always |simply |probably |then |even |first |instead |now |please )*"
_INVITING = r"(?!(?:tell|say|take) (?:me|us|a (?:moment|minute|second)|your time|more)|use it or|pick or|take it or|let me know|go ahead|go on\b|let's|have (?:you|a )\w* ?\?)"
_FIX = "fix|solve|sort|handle|finish|redo|rewrite|correct|complete|repair|resolve|deal with|take over|cover|clean up|mend"

_PATTERNS: dict[str, tuple[re.Pattern[str], ...]] = {
    "leading": tuple(
        re.compile(p)
        for p in (
            r"(?:^|[,;:] ?|\b(?:so|and|but|well) )(?:do|does|did|is|are|was|were|have|has|had|ca|could|wo|would|should)n't (?:you|he|she|it|they|that|this|there|we|i|the|a|your)\b[^?]*\?",
            r"\b(?:do|does|would|could|should|are|is|have) (?:you|he|she|it|they|that|this) not\b[^?]*\?",
            r"^(?:and |so |but |well,? |ok(?:ay)?,? )*have (?:you|we) (?:ever |already |at least |not |even )?(?:considered|thought (?:of|about)|tried|asked|spoken|talked|told|looked at|offered|given|explained|set)\b[^?]*\?",
            r"\bwhat if\b[^?]*\?",
            r"(?:^|[,;:] ?|\b(?:so|and|but) )(?:how|what) about\b (?!you\b)[^?]*\?",
            r"\bwhy (?:not|don't you|don't we|not just)\b[^?]*\?",
            r"\bwhat(?:'s| is| has| was)? ?(?:stop|stops|stopping|stopped|prevent|prevents|preventing|keep|keeps|keeping|hold|holds|holding)(?: you| him| her| them)? (?:back|from)\b[^?]*\?",
            r"\b(?:if|would|could|can't|couldn't) you (?:just|simply)\b[^?]*\?",
            r"(?:^|[,;:] ?|\b(?:and|so|but) )would(?:n't)? (?:it|that) (?:not )?(?:be|make|help|work|have been) ?(?:better|good|wise|easier|useful|helpful|an idea|possible|sense|more|worth|best|sensible)?\b[^?]*\b(?:to|if|for)\b[^?]*\?",
            r"(?:^|[,;:] ?|^(?:and|so|but|or|well|ok|okay),? )(?:could|would|can|will) (?:you|we|he|she|they) (?:not )?" + _MILD + rf"(?:{_DO})\b(?! (?:me|us) (?:more|what|how|about))[^?]*\?",
            rf"\b(?:do|don't) you (?:really |honestly |not )?(?:think|feel|agree|believe|see)(?: that)? [^?]*\b(?:{_YOU} (?:should|ought|need|could|might)|would|it's|is|are)\b[^?]*\?",
            r"\bdo(?:n't)? you (?:agree|see that|realise|realize)\b[^?]*\?",
            r"\b(?:surely|obviously|clearly|of course|after all)\b[^?]*\?",
            r"\bwhat(?:'s| is| would be) (?:so bad|wrong|the harm|the problem) (?:about|with|in)\b[^?]*\?",
            r"(?:,|\s[-–—])\s*(?:right|okay|ok|agreed|isn't it|aren't they|don't you|doesn't it|wouldn't you|won't you|shouldn't (?:you|he|she|they)|isn't that so)\s*\?",
            r"\b(?:which|what)\b[^?]*\bshould (?:you|he|she|they|we)\b[^?]*\?",
            r"\bwhen (?:will|are) (?:you|we) (?:going to )?(?:tell|give|hold|have|start|stop|take|set|do|speak|talk)\b[^?]*\?",
        )
    ),
    "advice": tuple(
        re.compile(p)
        for p in (
            rf"\b{_YOU} (?:really |just |probably |definitely |also |all |only |always |never |still |then )*(?<!what )(?:{_DEONTIC})\b",
            r"\b(?:i'd|i would|i'm going to|i'll|i|my|we|we'd|would) (?:really |strongly |just |also |highly |definitely |probably )*(?:suggest|recommend|advise|encourage|urge|propose|invite)\b",
            r"\bmy (?:advice|suggestion|recommendation|tip)\b",
            r"\bif i (?:were|was) (?:you|in your)\b|\bin your (?:shoes|place|position)\b",
            rf"\b(?:i'd|i would) (?:just |probably |maybe |rather |first )*(?:let|tell|ask|wait|give|start|go|make|have|take|put|hold|stop|talk|speak|try|leave|send|say to)\b",
            r"\b(?:it|that|this)(?:'d| would| might| may| could|'s| is)(?: probably| really| also)? (?:be )?(?:better|best|good|helpful|wise|wiser|useful|worth|important|a good idea|an idea|safer|essential|crucial|necessary|beneficial|great|healthier)(?: idea)?(?: for (?:you|him|her|them))? (?:to|if|that you|for you to|\w+ing)\b",
            r"\bthe (?:best|first|right|only|next|key|safest|simplest|easiest|main|important) (?:thing|way|step|move|trick|approach)?\s?(?:is|would be|here is|to do is)\b(?! (?:yours|his|hers|theirs|what|how|who))",
            r"\b(?:one|another|some|few|couple of|other|different|several) (?:thing|option|idea|way|strateg\w+|suggestion|possibilit\w+|thought|approach)(?:s)?(?: that)? (?:you (?:can|could|might|may)|is to|would be|might be|that (?:has|have|can|might)|people)\b",
            rf"(?<!something )(?<!things )(?<!whatever )(?<!that )(?<!what )(?<!best )\byou (?:can|could|may|might) {_MILD}(?:try|{_DO})\b",
            rf"\b(?:try|consider|start by|begin by|think about|look into|focus on|work on)\b(?:ing)? (?:not )?(?:\w+ing|to \w+|a |an |the |your |some )",
            r"\b(?:make sure|be sure to|don't forget|remember to|see if you can|you're better off|you are better off|it's up to you to|you'd be better)\b",
            r"\bif you (?:want|would like|are able|can|could|were able|do|don't|stop|cut|keep|start|quit)\b[^.?!]*\b(?:you'll|you will|you'd|you would|it'll|it will|that'll|that will|it would|that would|then)\b",
            r"\bnext time,? (?:you|just|try|do|make|let|ask)\b",
            r"\b(?:recommended|recommendation|guidelines?|suggested|advised)\b (?:limit|that|is|are|to|amount|for)",
        )
    ),
    "rescue": tuple(
        re.compile(p)
        for p in (
            r"\b(?:shall|should|can|could|may|might) i (?!help\b|hear|ask|say|name|check (?:that|what|whether) i|know|understand)(?:just |quickly |maybe |go and |go )*(?:\w+)\b[^?.!]*\bfor you\b",
            rf"\b(?:shall|should|could|can) i (?:just |quickly |go and |maybe )*(?:{_FIX}|do|ring|call|take|step in|write|check|phone|email|speak to|talk to|have a look|look at|look over|go over|review)\b",
            rf"\b(?:i'll|i will|i'm going to|i am going to|i can|i could|let me|i'd better|i had better)(?: just| quickly| go and| go| happily| gladly| also)* (?:{_FIX}|do (?:it|that|this|them|the|your)|ring|call (?!you\b|me\b)|take (?:it|that|this|care|over|the)|step in|write|re-?write|check (?!in\b|with you)|phone|email|speak to|talk to|have a (?:quick )?look|look over|go over|look after|see to|pick (?:it|that|this) up|draft|edit|tidy|jump in|help you (?:with|write|do|finish))\b",
            r"\b(?:leave|give|hand|pass) (?:it|that|this|them|the rest|the \w+) (?:with|to|back to|over to) me\b",
            r"\b(?:send|show|run|forward|bring|give|email|copy|cc|pass|get|let)\b[^.?!]{0,40}\b(?:me|past me|by me|me in)\b[^.?!]{0,40}\b(?:first|before|check|each|every|so (?:that )?i|approve|sign|look)\b",
            r"\b(?:check|clear|confirm|agree) (?:it |that |this |everything |them )?with me (?:first|before)\b|\brun (?:it|this|that|everything|them|each \w+|every \w+) (?:past|by) me\b",
            rf"\b(?:how|when|what) (?:will|are|would|can|could|do) you (?:going to |plan to )?(?:{_FIX})\b[^?]*\?",
            r"\bwhen (?:will|are|can|could|do) you (?:going to )?(?:take a look|have a look|look at|look over|check|review|see|go over|go through)\b[^?]*\?",
            r"\bwhat(?:'s| is) your plan (?:for getting|to get|for|to)\b[^?]*\b(?:his|her|their)\b[^?]*\?",
            r"\b(?:which|what) (?:steps?|order|part|one|task)\b[^?]*\b(?:should|must|ought) (?:he|she|they)\b[^?]*\?",
            r"\bwhat do you want me to (?:do|say|write|fix|change)\b|\bdo you want me to\b|\bwould you like me to\b(?! (?:name|say|tell|share))",
            r"\bi'll take it from here\b|\bi'll do it myself\b|\bi've got (?:it|this)\b",
        )
    ),
    "blame": tuple(
        re.compile(p)
        for p in (
            r"\b(?:why|how come) (?:did|didn't|do|don't|would|wouldn't|have|haven't|had|hadn't|are|aren't|were|weren't|can't|couldn't|on earth|is it that|must|was it that)\b[^?.!]*\b(?:you|he|she|they)\b|\bhow come (?:you|he|she|they)\b",
            r"\bhow (?:could|can|dare) (?:you|he|she|they)\b(?! (?:tell|know|see|help|use|make it|find|describe|learn|decide|show|say))",
            r"\bwhat (?:were|are|was|is) (?:you|he|she|they)(?: even)? (?:thinking|playing at|doing)\b(?:,| starting| when| letting|\?$)(?! .*\bcan see)",
            r"\bwho (?:let|allowed|broke|forgot|messed|missed|failed|dropped|screwed|approved|said you could|told you)\b",
            r"\b(?:to blame|at fault|(?:your|his|her|their) fault|whose fault|responsible for this mess)\b",
            r"\b(?:should|shouldn't|could|might|ought to)(?:n't)?(?: (?:you|he|she|they|we))? (?:not )?have (?!been told)\w+",
            r"(?<!do )(?<!does )(?<!did )\b(?:you|he|she|they) (?:always|never|keep|keeps|constantly|again)\b(?! (?:ask|asks|want|wanted|know|knew|had|been|imagine|be|see|check))",
            r"\bdo you always (?:have to|need to)\b|\balways have to\b",
            r"\bwhat (?:stopped|prevented|kept) (?:you|him|her|them)\b",
            r"\bhow is it (?:possible )?that you\b|\bwhat made you (?:ignore|forget|miss|fail|break|neglect)\b",
            r"\byou (?:failed|neglected|forgot|ignored|didn't (?:even )?(?:bother|think|care|listen|check))\b",
            r"\bthe obvious\b|\bhow hard (?:can|could|is) it\b|\bas i(?:'ve)? (?:already )?said\b|\bonce again you\b|\bdo you (?:even )?realise\b",
            r"\bwho(?:'s| is| was) (?:responsible|accountable) for (?:this|that|the) (?:mess|mistake|error|failure)\b",
            r"\b(?:what|how) (?:went|did (?:you|he|she|they) (?:get|go)) wrong\b",
        )
    ),
    "diagnosis": tuple(
        re.compile(p)
        for p in (
            r"\bwhat(?:'s| is) (?:wrong|the matter|up) with (?:him|her|them|the way (?:he|she|they)|his|their)\b",
            r"\bwhat kind of (?:person|employee|manager|man|woman|worker)\b|\bwhat sort of (?:person|employee)\b",
            r"\bgoing on (?:at home|in (?:his|her|their) (?:private|personal|home) li)\w*|\b(?:his|her|their) (?:private|personal|home) life\b",
            r"\b(?:his|her|their) (?:attitude|motivation|personality|character|weakness\w*|laziness|mindset|ego|competence|commitment)\b",
            r"\bhow (?:motivated|committed|lazy|capable|competent|reliable|intelligent|good|mature|loyal)\b[^?]*\b(?:is|are|was) (?:he|she|they)\b|\bhow (?:motivated|committed|capable|competent|reliable|loyal) (?:would|do) you\b",
            r"\b(?:lazy|incompetent|immature|insecure|narcissis\w+|perfectionis\w+|control freak|micro-?manag\w+|passive[- ]aggressive|burn(?:t|ed)[- ]out|depressed)\b",
            r"\bmakes? you so (?:anxious|afraid|controlling|angry|insecure|scared)\b|\byour (?:fear|need|anxiety|issue\w*) (?:of|for|about|around|with) (?:losing )?control\b",
        )
    ),
    "jargon": (
        re.compile(
            r"\b(?:recalibrat\w+|postures?|developmental|latitude|psychological(?:ly)? \w+|leverag(?:e|ing)|mindset shift|locus|narrative around|deliverables?|"
            r"stakeholders?|going forward|bandwidth|paradigms?|growth (?:lens|mindset)|through a \w+ lens|refram(?:e|es|ing)|emergent|synerg\w+|holistic(?:ally)?|empower\w*|touch base|"
            r"circle back|deep dive|learnings|actionable|low-hanging|move the needle|close the loop|closing the loop|natural consequences?|space for imperfection|"
            r"responsibility by design|ownership transfer|psychological safety|scaffold\w*|granular\w*|value[- ]add|ideate|operationali[sz]e|incentivi[sz]e|"
            r"landing on|piece around|overarching|cadence|hold(?:ing)? space|lean in(?:to)?|sit with (?:that|this)|show up (?:as|for)|unpack|triggers?|toolkit|framework asks|psychological|alignment|autonomy|delegation paradigm)\b"
        ),
    ),
    "hollow": (
        re.compile(
            r"\bi (?:hear|feel|see|get) you\b|\bi (?:totally |completely |fully |really |truly |absolutely |can )*(?:understand|empathi[sz]e|relate)\b(?: (?:how|what|that|why))?|\bi can (?:imagine|see how|only imagine)\b|"
            r"\bthat must (?:be|have been|feel)\b|\bthank(?:s| you) for (?:sharing|opening|trusting|telling|your honesty|reaching)|\bi appreciate (?:you|your)\b|\bwhat i'm hearing\b|\bwhat i hear\b|"
            r"\b(?:it |that |this )?sounds (?:like|as if|as though)\b|\bi'm sorry (?:to hear|you're|that you)\b|\bi'm curious\b|\bfeel free to\b|\binteresting\b[.!]|\bthat's (?:completely |totally |perfectly )?(?:normal|valid|understandable|okay|ok)\b|\bleadership is (?:hard|tough|a journey)\b"
        ),
    ),
    "flattery": (
        re.compile(
            r"\b(?:great|good|excellent|wonderful|fantastic|powerful|brilliant|insightful|lovely) (?:question|point|insight|job|work|instinct\w*|observation|awareness|leader\w*|start|thinking|move)\b|\bwell done\b|\bgood for you\b|"
            r"\byou(?:'re| are) (?:doing|handling|being) (?:\w+ )?(?:great|well|amazing|brilliant\w*|wonderful\w*|fantastic\w*|brave\w*)\b|\byou(?:'re| are) (?:clearly |obviously |already |such )?(?:a |an )?(?:great|good|amazing|caring|thoughtful|excellent|committed|conscientious|brave|strong|wise|natural)\b|\bproud of you\b|"
            r"\bthat(?:'s| is) (?:really |so |very )?(?:great|awesome|amazing|fantastic|wonderful|impressive|brilliant|admirable|a great|a wonderful|very self-aware|self-aware)\b|\bimpressive\b|\bkudos\b|\bcongratulations\b|\bi admire\b"
        ),
    ),
    "siding": (
        re.compile(
            r"\b(?:is|was|are|being) (?:clearly |obviously |just |such )?(?:a |an )?(?:bully|idiot|jerk|nightmare|liability|lost cause|bad (?:manager|boss|hire)|unreasonable|unfair|useless|hopeless)\b|\byou (?:did|have done) nothing wrong\b|\banyone would (?:have )?|"
            r"\byou(?:'re| are|'ve| were) (?:\w+ )?(?:absolutely |quite |completely |totally )?right (?:to|about|that|in)\b|\bnot your fault\b|\b(?:she|he|they)(?:'s| is|'re| are) (?:clearly|obviously|just|simply|plainly) (?:not )?|\bof course you\b|\bno wonder\b|\bi (?:agree|disagree)\b"
        ),
    ),
    "unsourced": (
        re.compile(
            r"\b(?:studies|research|data|statistics|science|evidence|surveys?|experts?|psychologists?)\b (?:clearly |has |have |all )*(?:shows?|shown|says?|suggests?|agree|prove[sn]?|found|finds?|tells? us|indicates?)\b|\bbest practices?\b|\bit(?:'s| is) (?:well[- ])?(?:known|proven|established|a fact)\b|\beveryone knows\b|"
            r"^(?:obviously|clearly|naturally|of course)\b|\bleaders who (?:can't|cannot|don't|won't|let|do|never|always)\b[^.?!]*\b(?:burn|fail|lose|grow|succeed|win|get|end|become)|\b(?:most|all|great|good|the best) (?:leaders|managers) (?!at)\w+"
        ),
    ),
    "stock": (
        re.compile(
            r"^(?:and |so |ok(?:ay)? )*(?:how (?:does|did) (?:that|this|it) make you feel|what else(?: can you tell me| is there| comes up(?: for you)?)?|and what else|what are (?:the|your) (?:pros and cons|options|next steps)|what did (?:we|you) learn(?: from (?:this|that|it))?|"
            r"what (?:would|does|will) success look like(?: (?:here|for you|to you))?|what(?:'s| is) on your mind|what have you tried(?: so far| already)?|how can i (?:help|support)(?: you)?(?: today)?|what would (?:help|be helpful|be most helpful|make the biggest difference)|"
            r"what(?:'s| is) (?:the )?(?:real |biggest |main )?(?:challenge|issue|problem)(?: here)?(?: for you)?(?: here)?|what (?:would|will|could|can) you do(?: (?:next|differently|now|about (?:it|that|this)))?|what do you (?:want|need|think)|how (?:do|did) you feel(?: about (?:that|this|it))?|"
            r"what(?:'s| is) holding you back|where do you (?:want to )?go from here|what(?:'s| is) (?:the |your )?next step|what comes up for you(?: (?:when|as) .*)?|what(?:'s| is) the worst that could happen|what would your ideal (?:outcome|situation) (?:be|look like)|what (?:went|is going) well|tell me more|what boundaries could you set|"
            r"what can you learn from (?:this|that|it)|how many people \w+ (?:in|on|for) your \w+)\s*\?*$"
        ),
    ),
    "parry": (re.compile(r"\bwhat do you think (?:you|he|she|they) (?:should|ought|could|need|might)\b|\bwhat would you (?:say|tell) (?:a friend|yourself)\b|\bwhat do you think\?$|\bwhat does your gut (?:say|tell)\b"),),
    "secrecy": (re.compile(r"(?<!promise to )(?<!promising to )(?<!promise )\b(?:(?:this|it|that) (?:stays|will stay|can stay|remains) between (?:us|you)|just between (?:us|you)|keep (?:it|this) (?:between (?:us|you)|confidential|secret|quiet)|(?:won't|will not|needn't) tell (?:anyone|anybody)|off the record)\b"),),
    "phone-number": (re.compile(r"(?<![\w/.-])(?:\+?\d[\d ()/-]{5,}\d|112|911|999|988|000|116 ?123)(?![\w-])"),),
}  # fmt: skip

_THIRD = re.compile(r"\b(?:he|she|him|her|his|hers|himself|herself|they|them|their|theirs|he's|she's|they're|he'd|she'd|they'd|he'll|she'll)\b")
_IMPERATIVE = re.compile(rf"^(?:and |so |but |then |just |please |first,? |maybe |perhaps |also |now,? |instead,? |ok,? |okay,? |well,? )*{_INVITING}(?:don't |do not |never |always |try not to )?(?:{_DO})\b(?! (?:is|was|are|has|had|would|will|of|\?))")
_PERMISSION = re.compile(
    r"^(?:and |so )?(?:(?:do |would )?(?:you )?(?:want|like|care|fancy)(?: me)?(?: to)?\b(?= (?:hear|have|see|name|that|it|them|two|one|either|those|any))(?: hear| have| see| me| that| it| them| two| one| either| those| any)*|want (?:that|it|to hear|them|one)|shall i (?:name|say|tell|share|put)|may i (?:say|share|name|offer)|"
    r"(?:is it|would it be) (?:ok(?:ay)?|all right|useful|helpful) (?:if|for me)|can i (?:say|share|name|offer)|(?:worth|up for) (?:hearing|a look)|useful\?)\b"
)


def permission(sentence: Sentence) -> bool:
    """Tell whether a question only asks leave to say something: closed by design, exempt from R1."""
    return bool(_PERMISSION.match(sentence.plain))


def find(rule: str, sentence: Sentence) -> Iterable[Span]:
    """Give the places in a sentence (offsets in it) where a rule of sentence form is broken."""
    special = _SPECIAL.get(rule)
    if special is not None:
        yield from special(sentence)
        return
    for pattern in _PATTERNS[rule]:
        if found := pattern.search(sentence.plain):
            yield found.span()
            return


def _closed(sentence: Sentence) -> Iterable[Span]:
    if kind(sentence) is Kind.CLOSED and not permission(sentence):
        yield 0, len(sentence.text)


def _stacked(sentence: Sentence) -> Iterable[Span]:
    if found := stacked(sentence):
        yield found.span()


def _advice(sentence: Sentence) -> Iterable[Span]:
    if sentence.asks or "some leaders" in sentence.plain:
        return
    if found := _IMPERATIVE.match(sentence.plain):
        yield found.span()
        return
    for pattern in _PATTERNS["advice"]:
        for found in pattern.finditer(sentence.plain):
            if not _THOUGHT.search(sentence.plain[: found.start()]):
                yield found.span()
                return


def _long(sentence: Sentence) -> Iterable[Span]:
    if kind(sentence) is not Kind.NONE and len(sentence.words) > 20:
        yield 0, len(sentence.text)


def _third_person(sentence: Sentence) -> Iterable[Span]:
    if found := _THIRD.search(sentence.plain):
        yield found.span()


_SPECIAL: dict[str, Callable[[Sentence], Iterable[Span]]] = {
    "closed": _closed,
    "stacked": _stacked,
    "advice": _advice,
    "long": _long,
    "third-person": _third_person,
}
