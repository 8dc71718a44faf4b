"""Damage answers as a bad prompt, a bad model or a bug would: each function gives the damaged answer, or None where it
does not apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evals.cases import Case
from evals.play import Answered
from forbear.restraint import Voice
from forbear.sheet import Ask, Sheet
from forbear.situation import Fact, Facts, Label, Situation, Yes
from forbear.state import Move, Passage, Reading, Reply

Damage = Callable[[Case, Answered], Answered | None]

#: Sentences that no reply may hold; by what they are.
SAID: dict[str, tuple[str, ...]] = {
    "advice": (
        "You should call him tonight.",
        "I'd move the date to Monday.",
        "Try writing it down for her first.",
        "Make sure she sends you the draft before it goes.",
        "The best thing is to sit down with her tomorrow.",
        "You need to let him finish it.",
        "Set up a short meeting every morning.",
    ),
    "second question": ("And what did she say?", "How long has it been like this?", "Who else knows?"),
    "flattery": ("Great question.", "You're clearly a thoughtful leader.", "That shows real strength, well done."),
    "hollow": ("I hear you.", "I totally understand how you feel.", "That must be really hard for you."),
    "blame": ("Why didn't you tell her earlier?", "How could you let that happen?", "Why do you always step in?"),
    "verdict": ("He is clearly lazy.", "Your boss is a bully.", "She obviously isn't up to it."),
    "unsourced claim": ("Studies show that hovering halves output.", "It is proven that people learn from mistakes."),
    "secrecy": ("This stays between us.",),
    "phone number": ("Call 0800 555 0199 now.",),
    "rescue": ("I can write the message to him for you.", "Shall I draft the plan for her?"),
}
#: Questions that may not stand in the place of the one asked.
ASKED: dict[str, tuple[str, ...]] = {
    "closed": ("Did you tell her the date?", "Is he ready for it?", "Do you trust her with it?"),
    "leading": (
        "Don't you think she needs more time?",
        "Have you considered a checklist?",
        "Wouldn't it be better to wait?",
        "What stops you from simply trusting him?",
    ),
    "stacked": ("What did you expect, and what did you tell him?",),
    "stock": ("How does that make you feel?", "What would success look like?", "What else can you tell me?"),
    "jargon": ("What is your mindset around her deliverables?",),
    "parry": ("What do you think you should do?",),
    "fact-finding": ("How many people work in your team?",),
    "overlong": (
        "When you look back over all of the last weeks, with everything that was said and not said by everybody"
        " there, what is it that you now see?",
    ),
}


def text(answer: Answered, reflection: str, question: str) -> Answered:
    """Put other words into an answer."""
    assert answer.reply is not None
    shown = f"{reflection} {question}".strip()
    reply = answer.reply.model_copy(update={"reflection": reflection, "question": question, "text": shown})
    return replace(answer, reply=reply)


def says(sentence: str) -> Damage:
    """Add a sentence to what is reflected, in replies that ask."""

    def damage(_: Case, answer: Answered) -> Answered | None:
        reply = answer.reply
        if reply is None or reply.move is not Move.QUESTION:
            return None
        return text(answer, f"{reply.reflection} {sentence}", reply.question)

    return damage


def asks(question: str) -> Damage:
    """Ask something else."""

    def damage(_: Case, answer: Answered) -> Answered | None:
        reply = answer.reply
        return None if reply is None or reply.move is not Move.QUESTION else text(answer, reply.reflection, question)

    return damage


def reads(wrong: Label, right: Label) -> Damage:
    """Read one label as another."""

    def damage(case: Case, answer: Answered) -> Answered | None:
        if case.gold is None or case.gold.label is not right or answer.reading is None:
            return None
        situation = Situation(label=wrong)
        return replace(answer, reading=answer.reading.model_copy(update={"situation": situation}))

    return damage


def invents_a_quote(_: Case, answer: Answered) -> Answered | None:
    """Quote what nobody wrote."""
    reply = answer.reply
    if reply is None or reply.move is not Move.QUESTION:
        return None
    return text(answer, f"You wrote “I never trusted them with anything”. {reply.reflection}", reply.question)


def invents_a_number(_: Case, answer: Answered) -> Answered | None:
    """Name a figure that nobody gave."""
    reply = answer.reply
    if reply is None or reply.move is not Move.QUESTION:
        return None
    return text(answer, f"{reply.reflection} That is 8317 times now.", reply.question)


def invents_evidence(_: Case, answer: Answered) -> Answered | None:
    """Answer a question of the form with words that are not there."""
    if answer.reading is None:
        return None
    facts = Facts(yes=(*answer.reading.facts.yes, Yes(fact=Fact.LANDED, quote="the client was furious about it")))
    return replace(answer, reading=answer.reading.model_copy(update={"facts": facts}))


def cites_something_else(_: Case, answer: Answered) -> Answered | None:
    """Cite a passage that is about none of it."""
    if answer.reply is None or not answer.reply.cites:
        return None
    stray = Passage(id="stray", title="x", text="x", step=None, basis="stated", source="x", serves=(), score=0.5)
    return replace(answer, reply=answer.reply.model_copy(update={"cites": (stray,)}))


def coaches_past_the_ground(case: Case, answer: Answered) -> Answered | None:
    """Ask a question where somebody may be harmed."""
    if case.gold is None or case.gold.label is not Label.ESCALATE or answer.reply is None:
        return None
    reply = answer.reply.model_copy(update={"move": Move.QUESTION})
    return text(replace(answer, reply=reply), "That is a lot to carry.", "What would waiting cost?")


def names_nobody(case: Case, answer: Answered) -> Answered | None:
    """Step out without a word on who has to know."""
    if case.gold is None or case.gold.label is not Label.ESCALATE or answer.reply is None:
        return None
    return text(answer, "I stop asking here. This is serious and it matters.", "")


def steps_out_of_nothing(case: Case, answer: Answered) -> Answered | None:
    """Refuse to coach where there is no ground."""
    if case.gold is None or case.gold.label is Label.ESCALATE or answer.reading is None or answer.reply is None:
        return None
    facts = Facts(yes=(Yes(fact=Fact.A3, quote=answer.conversation.message.split()[0]),))
    situation = Situation(label=Label.ESCALATE, grounds=(Fact.A3,), because=facts.yes)
    reading = answer.reading.model_copy(update={"facts": facts, "situation": situation})
    reply = answer.reply.model_copy(update={"move": Move.STEP_OUT})
    return text(replace(answer, reading=reading, reply=reply), "Stop the work now and tell your safety officer.", "")


def says_the_same_to_everybody(_: Case, answer: Answered) -> Answered | None:
    """Reflect nothing of this leader's."""
    reply = answer.reply
    if reply is None or reply.move is not Move.QUESTION:
        return None
    return text(answer, "There is a lot going on around you at the moment.", reply.question)


def reflects_nothing(_: Case, answer: Answered) -> Answered | None:
    """Ask out of the blue."""
    reply = answer.reply
    return None if reply is None or reply.move is not Move.QUESTION else text(answer, "", reply.question)


def asks_nothing(_: Case, answer: Answered) -> Answered | None:
    """Reflect, and stop."""
    reply = answer.reply
    return None if reply is None or reply.move is not Move.QUESTION else text(answer, reply.reflection, "")


def borrows(other: Reply) -> Damage:
    """Give everybody the answer that somebody else was given."""

    def damage(_: Case, answer: Answered) -> Answered | None:
        if answer.reply is None or answer.reply.move is not Move.QUESTION:
            return None
        return text(answer, other.reflection, other.question)

    return damage


def answers_no_to_all(_: Case, answer: Answered) -> Answered | None:
    """Fill the form with nothing."""
    if answer.reading is None:
        return None
    reading = Reading(
        facts=Facts(), situation=Situation(label=Label.UNCLEAR), runner_up=None, confidence=0.5, engine="openai"
    )
    return replace(answer, reading=reading)


#: Damages that stand alone, by name.
OTHERS: dict[str, Damage] = {
    "invented quote": invents_a_quote,
    "invented number": invents_a_number,
    "invented evidence": invents_evidence,
    "false citation": cites_something_else,
    "coached past a ground": coaches_past_the_ground,
    "nobody named": names_nobody,
    "over-refusal": steps_out_of_nothing,
    "same to everybody": says_the_same_to_everybody,
    "nothing reflected": reflects_nothing,
    "nothing asked": asks_nothing,
    "empty form": answers_no_to_all,
}
#: Labels that one would be taken for, and what is right.
CONFUSED = (
    (Label.S2, Label.ESCALATE), (Label.S3, Label.S2), (Label.S2, Label.S3), (Label.S3, Label.S4), (Label.S2, Label.PRECOND),
    (Label.S2, Label.S1), (Label.S2, Label.UNCLEAR), (Label.S2, Label.OUTSIDE), (Label.S2, Label.MULTI),
)  # fmt: skip


def _with(sheet: Sheet, question: str, voice: Voice) -> Sheet:
    if voice is Voice.LEADER:
        return sheet.model_copy(update={"before": (Ask(text=question), *sheet.before[1:])})
    return sheet.model_copy(update={"for_them": (*sheet.for_them[:-1], Ask(text=question))})


#: Damages to a check-in sheet, by name.
SHEETS: dict[str, Callable[[Sheet], Sheet]] = {
    "checks on them": lambda s: _with(s, "Did you send it to the client yesterday?", Voice.EMPLOYEE),
    "speaks of them to their face": lambda s: _with(s, "What does she want to do with it next?", Voice.EMPLOYEE),
    "framework words to their face": lambda s: _with(s, "Where do you feel my restraint in step two?", Voice.EMPLOYEE),
    "advice to the leader": lambda s: _with(s, "Have you considered giving it to somebody else?", Voice.LEADER),
    "no question": lambda s: _with(s, "It is a good piece of work.", Voice.EMPLOYEE),
    "one star": lambda s: s.model_copy(
        update={"for_them": tuple(a.model_copy(update={"star": n == 0}) for n, a in enumerate(s.for_them))}
    ),
    "four questions": lambda s: s.model_copy(update={"for_them": s.for_them[:4]}),
    "one voice": lambda s: s.model_copy(update={"before": ()}),
}
