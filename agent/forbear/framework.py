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

#: Worded for a prompt that is paid for by the word: short, and still with the tie-breaks that readers get wrong.
FACTS: dict[Fact, str] = {
    Fact.A1: "self-harm, abuse, danger or not functioning, medical emergency, impaired at work (not mere tears or tiredness)",
    Fact.A2: "threat, violence, weapon",
    Fact.A3: "somebody hurt, something unsafe reached a person, or work as set up can injure someone",
    Fact.A4: "harassment, discrimination, retaliation; or health, pregnancy, leave, disability, age or the like plays into a decision",
    Fact.A5: "stated act or evidence of dishonesty, false record, data breach, safeguarding or regulatory duty (not a vague suspicion)",
    Fact.A6: "job, rank or pay ended or cut, suspension or formal process is asked about or under way (not as background)",
    Fact.OUTSIDE: "clearly not about work the writer can give or take, or how they behave toward it: own boss, peer, family, hiring, "
    "strategy, drafting, attendance, conduct",
    Fact.TASK: "names the task, area or habit",
    Fact.ASKED: "with 2+ episodes: this one is asked about",
    Fact.FIRST: "with 2+ episodes: the leader says it matters most (told first is a no)",
    Fact.NOT_YET: "not handed over: plan, intention, leader still does it, refused at once",
    Fact.HANDED_OVER: "has been given it and did not refuse at once (even if since taken back)",
    Fact.F1: "fact: a wrong result is irreversible or too big to absorb",
    Fact.F2: "fact: never shown, tools or access missing, first days (not the opinion 'not ready')",
    Fact.F3: "fact: what done means, a limit or date was never said, or was changed",
    Fact.F4: "fact: by arrangement (rule, mandate, named approver) the decision is kept (hovering or redoing is not)",
    Fact.TAKEN_BACK: "the leader already took it back",
    Fact.ENDED_WELL: "over, and went well",
    Fact.LANDED: "bad outcome left the pair (others saw, used or felt it), deadline passed, loss final or event over; or a correction "
    "was taken badly",
    Fact.FINISHED: "the leader did the rest; that round is over",
    Fact.NEXT_ROUND: "asks about the next round",
    Fact.TALKED: "they have talked about the event",
    Fact.WARNING: "weighs a warning or write-up for an honest slip",
    Fact.NEAR_MISS: "danger caught before it reached anyone",
    Fact.ASKS_DIRECTLY: "last message asks outright what to do or say",
    Fact.IRRITATED: "last message is irritated by questions",
    Fact.ASKS_FRAMEWORK: "last message asks what framework, step or article says",
    Fact.ACCEPTS: "last message accepts the coach's offer",
    Fact.COMMITS: "last message decides what the leader will do",
    Fact.CLOSES: "last message is thanks, goodbye or enough",
}

#: Everyday names, for explaining to a leader what was read.
CONDITION_NAMES = {
    Fact.F1: "risk contained",
    Fact.F2: "foundation present",
    Fact.F3: "expectations clear",
    Fact.F4: "ownership real",
}
