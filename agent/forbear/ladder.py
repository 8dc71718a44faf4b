"""Choose the coach's next move from the situation and the conversation so far: the pressure ladder, the question
budget and the stop rule, pure.

Rungs for "just tell me what to do" (0 a sharper question, 1 an offer, 2 two options, 3 what the framework says,
4 step out). Two turns in a row that only parry a direct request are a failure, so the second ask is never a question.
"""

from __future__ import annotations

from forbear.situation import Fact, Facts, Label, Situation
from forbear.state import Memory, Move

#: After so many coaching questions the coach asks what the leader will do, and then ends.
QUESTION_BUDGET = 6


def next_move(situation: Situation, facts: Facts, memory: Memory) -> Move:
    """Choose the move for this turn; safety before everything, the leader's wish to stop before the ladder."""
    says = facts.says
    if situation.label is Label.ESCALATE:
        news = set(situation.grounds) - set(memory.referred)
        return Move.CLOSE if not news and (says(Fact.CLOSES) or says(Fact.COMMITS)) else Move.STEP_OUT
    if says(Fact.CLOSES):
        return Move.CLOSE
    if memory.offered and says(Fact.ACCEPTS):
        return Move.OPTIONS
    if says(Fact.ASKS_FRAMEWORK):
        return Move.EXPLAIN
    if situation.label is Label.OUTSIDE:
        return Move.OUTSIDE
    if says(Fact.ASKS_DIRECTLY) or says(Fact.IRRITATED):
        if memory.offered:
            return Move.OPTIONS
        if memory.direct_asks or says(Fact.IRRITATED):
            return Move.OFFER
    # A plan told in the first message is the dilemma itself; told after a question, it is the commitment.
    if says(Fact.COMMITS) and memory.questions:
        return Move.CLOSE
    if memory.questions >= QUESTION_BUDGET:
        return Move.CLOSE if memory.asked_commitment else Move.ASK_COMMITMENT
    return Move.QUESTION


def remember(memory: Memory, move: Move, situation: Situation, facts: Facts, *, offline: bool) -> Memory:
    """Say what the next turn must know after a move was made."""
    direct = facts.says(Fact.ASKS_DIRECTLY) or facts.says(Fact.IRRITATED)
    return Memory(
        label=situation.label,
        direct_asks=0 if move is Move.OPTIONS else memory.direct_asks + direct,
        offered=move is Move.OFFER,
        questions=memory.questions + (move in (Move.QUESTION, Move.ASK_COMMITMENT)),
        asked_commitment=memory.asked_commitment or move is Move.ASK_COMMITMENT,
        closed=move is Move.CLOSE,
        referred=tuple(dict.fromkeys((*memory.referred, *situation.grounds)))
        if move is Move.STEP_OUT
        else memory.referred,
        told_offline=memory.told_offline or offline,
    )
