"""List the words that are a fault by themselves: jargon, formulas, flattery, verdicts, claims, stock.

These are lists, and say so: a rule made of a list sees the listed words and nothing else.
"""

from __future__ import annotations

import re

JARGON = re.compile(
    r"\b(?:recalibrat\w+|(?:your|leadership) posture|developmental (?:latitude|edge|opportunit\w+|journey"
    r"|stage)|latitude|psychological(?:ly)? (?:ownership|safety|safe)|leverag(?:e|es|ed|ing)|mindsets?"
    r"|locus(?:-of-control| of control)?|narratives? around|your narrative|deliverables?|stakeholders?"
    r"|going forward|bandwidth|paradigms?|(?:growth|leadership|systems|strategic) lens"
    r"|through a (?:\w+ ){0,2}lens|refram(?:e|es|ed|ing)|emergent|synerg\w+|holistic(?:ally)?|empower\w*"
    r"|touch base|circle back|deep[- ]dive|learnings|actionable|low-hanging|move the needle|clos(?:e"
    r"|ing) the loop|natural consequences?|responsibility by design|granular\w*|value[- ]add\w*|ideate"
    r"|operationali[sz]\w+|incentivi[sz]\w+|landing on|overall piece|piece around|overarching|cadence of"
    r"|the optics|hold(?:ing)? space|lean(?:ing)? in(?:to)?|growth edge|unpack(?:ing)? (?:this|that|it|what"
    r"|why|how)\b|toolkit|(?:in|stakeholder|strategic) alignment|buy-in|key takeaways?|takeaways|north star"
    r"|thought leadership|servant leader\w*|situational leadership|self-efficacy|limiting beliefs?"
    r"|double down|drill down|boil the ocean|best-in-class|proactively|disempower\w*|co-create|autonomy"
    r"|modality|transformational|competenc(?:y|ies)|upskill\w*|performance conversation|accountability"
    r"|okrs?|kpis?|swim ?lanes?|value proposition|pain points?|blue-sky|helicopter view|in the context of)\b"
)
#: The framework's own terms: out of place in a question, and in any word to an employee.
FRAMEWORK = re.compile(
    r"\b(?:step (?:one|two|three|four|[1-4])|(?:the|our|your|this) framework|restraint|(?:assign|space"
    r"|empathy|return) (?:step|phase|stage))\b"
)
EMPLOYEE_FRAMEWORK = re.compile(r"\b(?:restraint|ownership|delegat\w+|framework|step (?:one|two|three|four|[1-4]))\b")

HOLLOW = re.compile(
    r"\bi (?:really |totally |completely )?(?:(?:hear|feel|see|get) you\b(?! (?:say|were|are|at|on))"
    r"|hear that$)|\bi (?:(?:totally|completely|fully|really|truly|absolutely|can) )*(?:understand"
    r"|empathi[sz]e|relate)\b|\bi can (?:only )?imagine\b|\bi can see how\b|\bthat (?:must|has to) (?:be"
    r"|have been|feel)\b|\bthat sounds (?:(?:really|so|very|incredibly|quite) )?(?:hard|tough|difficult"
    r"|frustrating|stressful|challenging|painful|exhausting|tricky|rough)\b|\bthank(?:s"
    r"| you) (?:so much )?for (?:sharing|opening|trusting|telling|your (?:honesty|openness)|reaching"
    r"|being)\b|\bi (?:really )?appreciate (?:you|your)\b|\bwhat i 'm hearing\b|^(?:so )?it sounds (?:like"
    r"|as if|as though)\b|\bi 'm (?:so |really )?sorry (?:to hear|you 're|that you|this)\b|\bfeel free to\b"
    r"|^(?:that 's )?(?:very |really )?interesting(?: ,|$)|\b(?:that 's|that is|it 's|it is) (?:completely"
    r"|totally|perfectly|very|so|entirely|absolutely) (?:normal|valid|understandable|natural|okay|ok"
    r"|human)\b|\bfeelings are valid\b|\byou 've got this\b|\bleadership is (?:hard|tough|a journey)\b"
    r"|\bthat makes (?:a lot of |total |perfect |so much )?sense$|\bmany leaders (?:struggle|feel)\b"
    r"|\byou are not alone\b|\byou 're not alone\b"
)  # fmt: skip
FLATTERY = re.compile(
    r"\b(?:great|good|excellent|wonderful|fantastic|powerful|brilliant|insightful|lovely"
    r"|amazing) (?:question|point|insight|instincts?|observation|self-awareness|awareness|reflection"
    r"|thinking)\b|\b(?:well done|good for you|kudos|congratulations|congrats|bravo|nice work|great job"
    r"|good job|great work|amazing job)\b|\bproud of you\b|\bi (?:admire|'m impressed|am impressed)\b"
    r"|\bimpressive\b|\byou (?:'re|are) (?:(?:already|clearly|obviously|really|such|so|truly|doing|handling"
    r"|being) )*(?:(?:a|an|this|it|the) )?(?:\w+ )?(?:great|amazing|caring|thoughtful|excellent|wonderful"
    r"|brilliant|fantastic|inspiring|self-aware|wonderfully|brilliantly|remarkable|dedicated"
    r"|conscientious)\b|\b(?:that 's|that is|it 's|how) (?:(?:really|so|very) )?(?:great|awesome|amazing"
    r"|fantastic|wonderful|brilliant|admirable|inspiring|brave|courageous)\b|\bit takes (?:real "
    r"|a lot of )?(?:courage|strength|guts)\b|\b(?:shows|speaks to) (?:how much you care|real|great"
    r"|your (?:maturity|commitment|dedication|strength|leadership))\b|\bgood on you\b|\byour (?:honesty"
    r"|courage|openness|commitment) is\b"
)  # fmt: skip

_BAD = (
    r"(?:bully|idiot|jerk|nightmare|liability|lost cause|slacker|coward|narcissist\w*|control freak"
    r"|micromanager|perfectionist|bad (?:manager|boss|hire|leader)|unreasonable|unfair|useless|hopeless"
    r"|lazy|incompetent|immature|careless|selfish|toxic|unprofessional|irresponsible|disloyal|dishonest"
    r"|arrogant|passive-aggressive|out of (?:line|order|(?:his|her|their) depth)|(?:not|n't) up to (?:it|this|that|the (?:job|task|work))|unfit"
    r"|manipulative|ungrateful)"
)
VERDICT = re.compile(
    rf"(?<!\w)(?:is|'s|was|are|were|'re|being|sounds|seems|acts) (?:(?:like|clearly|obviously|just|such"
    rf"|simply|being|a bit|rather|so|really|plainly|probably) )*(?:a |an )?{_BAD}\b|\b(?:he|she|they) (?:is"
    rf"|'s|are|'re|was|were)? ?(?:clearly|obviously|plainly|evidently) (?:not|n't|does|ca|wants|lacks"
    rf"|\w+ing)\b|^(?:and |so |but )?(?:obviously|clearly|evidently|plainly)\b|\b(?:you|he|she|they) (?:did"
    rf"|have done|'ve done) (?:nothing|everything|the) (?:wrong|right)(?: thing)?\b|\banyone (?:would"
    rf"|in your)\b|\bnot your fault\b|\bn't your fault\b|\bno wonder\b|\byou (?:'re|are"
    rf"|were) (?:(?:absolutely|quite|completely|totally|so|definitely) )?(?:right|wrong|justified"
    rf"|entitled) (?:to|about|that|in|not)\b|\byou had every right\b|\bi (?:agree|disagree)\b|\b(?:he|she"
    rf"|they) (?:should|ought to) (?:know|have known)\b|\b(?:he|she|they) (?:let|has let"
    rf"|have let) you down\b|\b(?:he|she|they) (?:can n't|can not) be trusted\b|\bof course you\b"
)  # fmt: skip
ABSENT = re.compile(
    r"\bwhat (?:kind|sort|type) of (?:a )?(?:person|employee|manager|man|woman|worker|colleague|leader)\b"
    r"|\b(?:his|her|their) (?:attitude|motivations?|personality|character|weakness(?:es)?|laziness|ego"
    r"|dishonesty|incompetence|insecurit(?:y|ies)|temperament|flaws?|shortcomings?|commitment|work ethic"
    r"|real motives?|motives?|state of mind|mental health|issues)\b|\bhow (?:motivated|committed|lazy"
    r"|capable|competent|reliable|intelligent|mature|loyal|smart|honest|ambitious|serious"
    r"|trustworthy)\b(?=.*\b(?:he|she|they|him|her|them)\b)|\bwhy (?:is|are|does|do|was|did) (?:he|she"
    r"|they) (?:so|like|act|behave|this)\b|\b(?:going on|wrong|happening|things) (?:at home|in (?:his|her"
    r"|their) (?:private |personal |home )?life|with (?:his|her|their) (?:marriage|health|family))\b"
    r"|\b(?:his|her|their|your) (?:private|personal|home|family|love) life\b|\b(?:his|her|their"
    r"|your) (?:childhood|marriage|divorce|diagnosis|medication|religion)\b|\bwhat does (?:he"
    r"|she) (?:secretly|really) (?:want|think|feel)\b"
)  # fmt: skip
PRESUMED = re.compile(
    r"\b(?:make|makes|made|making|leaves|keeps) you (?:so |feel so |this )(?:\w+)\b|\byour (?:fear|anxiety"
    r"|insecurity|jealousy|guilt|need for control|perfectionism|ego|resentment|distrust|control issues)\b"
    r"|\bwhy are you so\b|\bwhat are you (?:so )?(?:really )?(?:hiding|avoiding|denying)\b"
)
UNSOURCED = re.compile(
    r"\b(?:studies|research|data|statistics|science|evidence|surveys?|experts?|psychologists?|neuroscience"
    r"|literature)(?: (?:on|in|from|about) \w+)? (?:(?:clearly|has|have|all|also|consistently"
    r"|now) )*(?:shows?|shown|says?|suggests?|agree|proves?|proven|found|finds?|tells? us|indicates?"
    r"|confirms?)\b|\bbest practices?\b|\b(?:it 's|it is) (?:(?:well|a) )?-?(?:known|proven|established"
    r"|well-known|a fact|scientifically)\b|\beveryone knows\b|\bas we (?:all )?know\b"
    r"|\baccording to (?:research|studies|experts|science)\b|\b(?:\d+|most|half) ?(?:%|percent|per cent"
    r"|out of ten) of (?:all )?(?:leaders|managers|people|employees|teams)\b|^(?:(?:great|good|strong"
    r"|effective|successful|real|true|the best|all|most|weak|bad|smart) )?(?:leaders|managers|bosses"
    r"|supervisors) (?:who|that|do|never|always|know|trust|give|let|need|have|ca|can|must|are)\b|\b(?:great"
    r"|good|strong|effective|successful|the best|most) (?:leaders|managers|bosses) \w+"
)  # fmt: skip
_TAIL = (
    r"(?: (?:here|now|right now|for you|to you|in this|with this|about (?:this|that|it)|from (?:this|that"
    r"|it)|so far|already|today|next|with (?:this|that|it)|in this situation|differently|on this))*"
)
STOCK = re.compile(
    r"(?:(?:and|so|but|okay|ok|well|then|, |interesting ,?) )*(?:(?:how (?:does|did|would|do) (?:that|this"
    r"|it|you) (?:make you )?feel(?: when \w+ \w+)?|what else(?: (?:can you tell me|is there|comes up"
    r"|could you do))?|what (?:are|would be) the (?:pros and cons|advantages and disadvantages)"
    r"|what are your (?:options|next steps|goals|thoughts|feelings)|what did (?:we|you|they|he|she) learn"
    r"|what (?:can|will|could) you (?:learn|take away)|what (?:would|does|will|might) (?:success|good"
    r"|great) look like|what (?:is|'s) on your mind|what have you (?:tried|done)"
    r"|what have you already tried|how can i (?:help|support)(?: you)?|what would (?:help|be helpful"
    r"|be most helpful|be useful|make the biggest difference|you do|you like to do"
    r"|you do if you could not fail)|what (?:is|'s) the (?:real |biggest |main |hardest )?(?:challenge"
    r"|issue|problem)|what (?:will|could|can|might) you do|what do you (?:want|need|think)|what (?:is"
    r"|'s) (?:holding|stopping) you(?: back)?|where do (?:you|we) (?:want to )?go from here|what (?:is|are"
    r"|'s) (?:the |your )?next steps?|what comes up|what (?:is|'s) coming up|what (?:is"
    r"|'s) the worst that (?:could|can) happen|what would your ideal (?:outcome|situation) (?:be|look like)"
    r"|what (?:went|is going|'s going) well|tell me more|say more|what do you think you should do"
    r"|what does your gut (?:say|tell you)|how does that (?:land|sit|sound|resonate)(?: with you)?"
    r"|what was most useful|what would (?:you tell|you say to|your advice be to) a friend"
    r"|what would your best self do|what (?:is|'s) (?:really )?going on|what are you feeling|what (?:is"
    r"|'s) (?:important|at stake|possible)|how are you feeling|where do you see yourself(?: in .*)?"
    r"|what matters most|what would you do with a magic wand|if you had a magic wand .*"
    r"|what would you do differently(?: next time)?|what (?:is|'s) the (?:lesson|learning|takeaway)"
    r"|what advice would you give .*|how would you rate .*|what does (?:he|she) need(?: from you)?"
    r"|what (?:is|'s) your gut feeling|who can help(?: you)?|what resources do you have"
    r"|what motivates (?:you|him|her))" + _TAIL + r")"
)  # fmt: skip
PARRY = re.compile(
    r"\bwhat do you think (?:you|he|she|they) (?:should|ought|could|need|might|can)\b|\bwhat (?:would"
    r"|should) you (?:do|advise|say|suggest)$|\bwhat do you think(?: yourself)?$"
    r"|\bwhat does your gut (?:say|tell)\b|\bwhat would you tell (?:a friend|yourself)\b"
)

SECRECY = re.compile(
    r"\b(?:(?:this|it|that|what you \w+) (?:will |can |'ll )?(?:stays?|remains?|is|be) (?:just "
    r"|strictly )?(?:between (?:us|you and me|you and i|the two of us)|confidential|our secret|private)"
    r"|(?:strictly )?between (?:us|you and me)(?= ,|$)|keep (?:it|this|that"
    r"|what you \w+) (?:just )?(?:between (?:us|you|ourselves)|confidential|secret|quiet|private"
    r"|to (?:myself|ourselves|yourself))|(?:will n't|will not|need n't|never) tell (?:anyone|anybody|a soul"
    r"|HR|hr)|(?:nobody|no one) (?:will|needs to|has to|else will) (?:ever )?(?:know|hear|find out)"
    r"|off the record|in (?:strict )?confidence)"
)
_NEGATED = re.compile(r"\b(?:do n't|do not|never|not|can n't|can not|cannot|no|without|will n't) (?:\w+ ){0,4}$")
NUMBER = re.compile(
    r"(?<![\w/.:-])(?:\+?\(?\d[\d ()./-]{5,}\d|(?:call|dial|ring|text|phone|line"
    r"|hotline)(?: \w+){0,2}:? \d{3,6}|1?112|911|999|988|116 ?\d{3})(?![\w-])",
    re.I,
)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{4} ?- ?\d{4}")


def promises_secrecy(line: str) -> re.Match[str] | None:
    """Find a promise to keep something secret; a warning not to promise is none."""
    match = SECRECY.search(line)
    return match if match and not _NEGATED.search(line[: match.start()]) else None


def phone_numbers(text: str, known: str) -> tuple[tuple[int, int], ...]:
    """Find digits that read as a number to call and that the leader did not write."""
    return tuple(
        m.span() for m in NUMBER.finditer(text) if not _DATE.fullmatch(m.group().strip()) and m.group() not in known
    )
