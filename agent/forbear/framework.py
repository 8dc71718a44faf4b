"""Name the parts of the framework: steps, conditions, grounds and form questions, in order, one line each.

The names serve prompts, explanations (`/why`) and data alike, so that a fact is worded in one place.
"""

from __future__ import annotations

from forbear.situation import Fact, Label

SERIES = "Responsibility by Design"
LINK = "https://parkeraic.com/blog"

LABELS: dict[Label, str] = {
    Label.S1: "Step 1, assign the right task: the work is not handed over yet",
    Label.S2: "Step 2, allow space for imperfection: the work is handed over and still live",
    Label.S3: "Step 3, lead with empathy and let consequences teach: a bad outcome has landed",
    Label.S4: "Step 4, give the task back and close the loop: the round is over, or the work has been taken back",
    Label.PRECOND: "a condition that the framework rests on does not hold yet",
    Label.MULTI: "two or more separate pieces of work, at different stages",
    Label.UNCLEAR: "the piece of work, or where it stands, has not been told yet",
    Label.OUTSIDE: "not about work that you can give to someone, or take from them",
    Label.ESCALATE: "somebody's safety, rights or job, or honesty: not a matter for coaching first",
}

FACTS: dict[Fact, str] = {
    Fact.A1: "self-harm, abuse, acute distress (danger, not functioning, not wanting to go on), a medical emergency, or "
    "impairment at work; tears or tiredness alone are not",
    Fact.A2: "a threat, violence or a weapon",
    Fact.A3: "someone was hurt, something unsafe reached a person, or live or scheduled work as set up can injure someone",
    Fact.A4: "harassment, discrimination or retaliation alleged; or health, pregnancy, leave, disability or another "
    "protected trait plays a part in a decision about the person",
    Fact.A5: "a stated act or evidence of dishonesty, a falsified record, a data breach, a safeguarding or regulatory duty",
    Fact.A6: "ending or reducing someone's job, rank or pay, suspension, or a formal process is asked about or under way",
    Fact.OUTSIDE: "clearly not about who carries work that the writer can give or take, nor about how they behave toward it "
    "(their own boss, a peer, family, hiring, strategy, drafting, attendance or conduct)",
    Fact.TASK: "the words that name the task, area or habit",
    Fact.ASKED: "this episode is asked about (with two or more episodes)",
    Fact.FIRST: "this episode is put first",
    Fact.NOT_YET: "the work is not handed over: a plan, an intention, the leader still does it, or it was refused at once",
    Fact.HANDED_OVER: "the person has been given it and did not refuse at once (taken back later still counts)",
    Fact.F1: "stated as fact: a wrong result is irreversible or too large to absorb",
    Fact.F2: "stated as fact: nobody showed them, tools or access are missing, first days (an opinion like 'not ready' is not)",
    Fact.F3: "stated as fact: what done means, a limit or a date was never said, or was changed",
    Fact.F4: "stated as fact: by arrangement (a rule, a mandate, a named approver) the leader or another keeps the decision "
    "(hovering or redoing is not)",
    Fact.TAKEN_BACK: "the leader has already taken the work back",
    Fact.ENDED_WELL: "it is over and went well",
    Fact.LANDED: "a bad outcome has left the pair: somebody else saw, used or felt it, the deadline passed, the loss cannot "
    "be undone, or the event is over; also a correction that the person took badly",
    Fact.FINISHED: "the leader did the rest themselves and that round is over",
    Fact.NEXT_ROUND: "the open question is about the next round",
    Fact.TALKED: "the talk about the event has taken place",
    Fact.WARNING: "a warning or write-up for an honest slip is considered",
    Fact.NEAR_MISS: "something dangerous was caught before it reached anyone",
    Fact.ASKS_DIRECTLY: "the last message asks outright for something usable: what to do, the words, an answer",
    Fact.IRRITATED: "the last message is irritated with being asked questions",
    Fact.ASKS_FRAMEWORK: "the last message asks what the framework, a step or the article says",
    Fact.ACCEPTS: "the last message accepts what the coach just offered",
    Fact.COMMITS: "the last message says, as a decision, what the leader will do next",
    Fact.CLOSES: "the last message says thanks, goodbye or that this is enough",
}

#: Everyday names, for explaining to a leader what was read.
CONDITION_NAMES = {
    Fact.F1: "risk contained",
    Fact.F2: "foundation present",
    Fact.F3: "expectations clear",
    Fact.F4: "ownership real",
}
