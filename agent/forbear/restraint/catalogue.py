"""List the rules of restraint: why each stands, a good and a bad example, and what it cannot see."""

from __future__ import annotations

from forbear.restraint.model import Rule

RULES: tuple[Rule, ...] = (
    Rule("closed", "R1", "Closed question", "Yes, no or one of two would answer it, so little is learned.",
         "What tells you that she is ready for the board?", "Is she ready to run the discharge board?",
         "A what-question that has only one answer in its context; an offer to talk that is meant as a"
         " check."),
    Rule("fact-finding", "R11", "Asks for a figure or a date", "It briefs the coach; it does not move the"
        " leader's thinking.",
         "What would you see first if the count slipped?", "How many people work in your kitchen?",
         "A fact asked for with what, who or where; a figure that is itself the point.", "warning"),
    Rule("stacked", "R2", "Two asks in one question", "It asks more than one thing, and the easier one gets"
        " answered.",
         "What part of the pour plan is fully his to decide?", "What part of the plan is his, and who signs"
             " it off?",
         "Two asks folded into one noun (\"the what and the how\")."),
    Rule("many-questions", "R2", "More than one question", "One question a turn is enough to think about.",
         "You looked twice today. What were you looking for?", "You looked twice. What did you feel? What"
             " did you do next?",
         "An ask that is put as a statement."),
    Rule("leading", "R3", "Leading question", "One answer is marked as the right one, or an action is"
        " inside it.",
         "What are you weighing up about the rollout?", "Don't you think a rollout checklist would help him?",
         "An answer that only the choice of facts or the tone leans towards; advice in an ordinary"
         " what-question."),
    Rule("advice", "R3", "Advice", "It says what to do, and then the decision is no longer theirs.",
         "You have told him twice. What do you want the next talk to do?",
         "You should hold a weekly meeting with her.",
         "Advice told as a story, as praise of somebody else, or as a plain fact; a noun that opens like an"
         " order."),
    Rule("rescue", "R7", "Rescue", "It moves the work, the method or the checking back to the leader.",
         "What's the next decision you'll make on the recount?", "Shall I ring the inspector for you?",
         "Help that was asked for and agreed; a rescue that is only implied by who is asked."),
    Rule("blame", "R4", "Blame", "It presupposes a fault or asks for a defence.",
         "What made the overnight run look right at the time?", "Why didn't you check the discount with me"
             " first?",
         "A neutral question that the history between two people turns into a reproach."),
    Rule("absent-person", "R5", "Looks at the absent person", "It examines the character, motive or private"
        " life of somebody.",
         "What are you doing, while he works, that he can see?", "How would you rate his attitude since the"
             " merger?",
         "A verdict in everyday words; whose trait it is where a name is used."),
    Rule("presumed", "R6", "Takes a feeling for granted", "It tells the leader what they feel instead of"
        " asking.",
         "What happened in you when he came to you?", "What makes you so anxious about the vendor review?",
         "Every presupposed fact: only the leader's message could tell, and only a listed form is looked"
         " for."),
    Rule("long", "R8", "Too long", "Over 20 words a question is lost on the way (a step-out: over 70).",
         "What would waiting cost?",
         "When you look back over the last weeks with the rota and the ward and all that was said there,"
         " what do you see?",
         "A short sentence that is hard to read.", "warning"),
    Rule("overlong", "R8", "Far too long", "Over 25 words nobody hears the question.",
         "What's the smallest thing you could leave alone today?",
         "When you look back over the last few weeks with the rota and the ward and the deputy and all that"
         " was said and"
         " not said there, what do you see?",
         "A short sentence that is hard to read."),
    Rule("jargon", "R8", "Jargon", "Nobody says this to a colleague over coffee.",
         "What does she know about good enough here?", "What is your mindset around her deliverables?",
         "Jargon that is not on its list; listed words that are plain words in this leader's trade."),
    Rule("hollow", "R9", "Hollow formula", "It could be said to anybody and does not show that this was"
        " read.",
         "Three times, and it isn't landing. What do you want the fourth talk to do?",
         "I hear you. I totally understand. What would you like her to hear first?",
         "A reflection that is right in form and wrong in fact."),
    Rule("flattery", "R9", "Flattery", "Praise for the leader is a verdict too, and it stops the thinking.",
         "It went well today. What did she own that made the difference?",
         "Great question! What did she own in this?",
         "Flattery by agreement, by comparison, or by tone."),
    Rule("verdict", "R9", "Verdict or siding", "It judges somebody, here or absent, as if that were settled.",
         "There's pressure coming down on you as well. How much of it reaches him?",
         "It's clear your director is a bully. What do you want from the talk?",
         "Siding by what is left out; a verdict in words that are not on its list."),
    Rule("unsourced-claim", "R10", "Claim without a source", "It claims evidence without saying whose.",
         "The series this is built on says the risk has to be contained. How far is that true here?",
         "Studies show hovering halves output. What do you make of that?",
         "A false claim that names a source; a claim put as an observation."),
    Rule("stock", "R11", "Stock question", "It would fit any other message unchanged.",
         "What has to be true for a wrong answer on this line to be cheap?", "How does that make you feel?",
         "A generic question in fresh words."),
    Rule("third-person", "form", "He or she, to their face", "The leader will say this to the person it"
        " speaks about.",
         "How do you see Saturday's prep right now?", "How does she see Saturday's prep?",
         "A person who is named, or called they; a he or she who is a client or a colleague."),
    Rule("no-question", "form", "No question", "A question was due here.",
         "You looked at it twice today. What were you looking for?", "You looked at it twice today.",
         "A question that asks nothing."),
    Rule("empty-reflection", "R9", "Nothing reflected", "A question with nothing before it does not show"
        " that this was read.",
         "You looked at it twice today. What were you looking for?", "What were you looking for in it?",
         "A reflection of something that the leader never said."),
    Rule("parry", "form", "Handed back", "The leader's own question only comes back.",
         "You want something usable. What have you already ruled out?",
         "And what do you think you should do?",
         "A parry in fresh words, and that it is the second in a row."),
    Rule("question-before-safety", "form", "Question before safety",
         "Somebody may be hurt: the plain word comes first.",
         "I'm stepping out of question mode: stop the press and get maintenance.",
         "What do you notice about the missing guard? Stop the press.",
         "Whether the safety sentence says the right thing."),
    Rule("promise-of-secrecy", "form", "Promise of secrecy", "Nobody can promise that here.",
         "Don't promise to keep it between you; say that you have to pass it on.", "This stays between us.",
         "A promise that is only implied."),
    Rule("invented-phone-number", "form", "Number to call", "A number that nobody checked must not be given.",
         "Call your local emergency number now.", "Call 0800 555 0199 now.",
         "A service named wrongly; other long numbers look alike."),
)  # fmt: skip
RULE: dict[str, Rule] = {rule.id: rule for rule in RULES}
