"""Let a language model read the situation and write the reply: any OpenAI-compatible server.

Two calls on the plain path of a turn: the form, the reply. Structured output is asked for by JSON schema; a server
that refuses that is asked for a JSON object with the schema in the prompt, and one that refuses that for plain text.
What was refused is not asked again in this process.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, NoReturn, TypeVar

import openai
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forbear import framework, prompts
from forbear.config import Settings
from forbear.deps import Brief
from forbear.errors import ProviderError
from forbear.knowledge import lines
from forbear.lint import Remark
from forbear.situation import Fact, Facts, Label, Yes, decide
from forbear.state import Conversation, Draft, Move, Reading, SheetDraft

_T = TypeVar("_T", bound=BaseModel)

#: What of a long conversation the model is shown: the dilemma, and the latest turns. Prompts stay flat that way.
FIRST_CHARACTERS, TURN_CHARACTERS, LATEST_TURNS = 1_200, 600, 5
#: The SDK's own retries (connection errors, 408, 409, 429, 5xx); nobody else retries.
RETRIES = 1


def client(settings: Settings) -> openai.OpenAI:
    """Build the SDK's client; a server of one's own may want no key."""
    return openai.OpenAI(
        api_key=settings.api_key or "none",
        base_url=settings.base_url,
        timeout=openai.Timeout(settings.timeout_s, connect=min(5.0, settings.timeout_s)),
        max_retries=RETRIES,
    )


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fact: Fact
    episode: int = Field(ge=1, le=9)
    quote: str


class _Form(BaseModel):
    """What the model fills: the yes's with their quotes, and what it doubts."""

    model_config = ConfigDict(extra="forbid")

    yes: list[_Answer]
    least_sure: Fact
    confidence: float = Field(ge=0, le=1)


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reflection: str
    question: str


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    task: str
    person: str
    done: str
    call_me_if: str
    before: list[str]
    for_them: list[str]


class _Remark(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quote: str
    rule: Literal["rescue", "advice", "blame", "leading"]
    why: str
    instead: str


class _Remarks(BaseModel):
    model_config = ConfigDict(extra="forbid")

    findings: list[_Remark]


class OpenAIEngine:
    """Read and write through a chat-completions server; raises ProviderError for whatever the server does wrong."""

    name: Literal["openai"] = "openai"

    def __init__(self, settings: Settings, *, sdk: openai.OpenAI | None = None) -> None:
        self._sdk = sdk or client(settings)
        self._model = settings.model
        self._formats = ["json_schema", "json_object", "text"]

    def read(self, conversation: Conversation) -> Reading:
        """Fill the decision form; the label follows by rule, and a quote that nobody wrote no longer counts."""
        system = prompts.load("form").render(
            facts="\n".join(f"{f.value}: {text}" for f, text in framework.FACTS.items())
        )
        form = self._ask(system, _shown(conversation), _Form)
        facts = Facts(
            yes=tuple(Yes(fact=a.fact, quote=a.quote, episode=a.episode) for a in form.yes if a.quote.strip())
        )
        facts = facts.genuine(conversation.leader_words, conversation.message)
        situation = decide(facts)
        other = decide(facts.flipped(form.least_sure, situation.episode)).label
        return Reading(
            facts=facts,
            situation=situation,
            runner_up=other if other is not situation.label else None,
            confidence=form.confidence,
            engine="openai",
        )

    def write(self, brief: Brief) -> Draft:
        """Write a reply of the shape that the move and the label ask for."""
        system = prompts.load("reply").render(
            shape=_shape(brief),
            because=_because(brief),
            passages=_passages(brief),
            asked="\n".join(f"- {q}" for q in brief.conversation.asked[-4:]) or "none",
        )
        user = _shown(brief.conversation)
        if brief.broken and brief.before:
            user += "\n\n" + prompts.load("rewrite").render(
                before=prompts.fenced(brief.before.text),
                broken="\n".join(f"- {f.message} (“{prompts.fenced(f.text)[:120]}”)" for f in brief.broken),
            )
        answer = self._ask(system, user, _Reply)
        return Draft(reflection=answer.reflection.strip(), question=answer.question.strip(), engine="openai")

    def draft_sheet(self, brief: Brief) -> SheetDraft:
        """Propose the questions of a check-in sheet."""
        situation = brief.situation
        conditions = "; ".join(framework.FACTS[c] for c in situation.conditions)
        system = prompts.load("sheet").render(
            stage=framework.LABELS[situation.label] + (f" ({conditions})" if conditions else ""),
            order=prompts.load(f"orders/{situation.label.value.lower()}").render(),
            because=_because(brief),
            passages=_passages(brief),
        )
        answer = self._ask(system, _shown(brief.conversation), _Sheet)
        return SheetDraft(
            task=answer.task,
            person=answer.person,
            done=answer.done,
            call_me_if=answer.call_me_if,
            before=tuple(answer.before),
            for_them=tuple(answer.for_them),
            engine="openai",
        )

    def review(self, message: str, marked: Sequence[str]) -> tuple[Remark, ...]:
        """Find in a leader's own message what its form does not show; `marked` is known already."""
        system = prompts.load("lint").render(
            marked="\n".join(f"- {prompts.fenced(words)}" for words in marked) or "none"
        )
        answer = self._ask(system, f"<message>\n{prompts.fenced(message)}\n</message>", _Remarks)
        return tuple(Remark(r.quote, r.rule, r.why, r.instead) for r in answer.findings)

    def _ask(self, system: str, user: str, wanted: type[_T]) -> _T:
        while True:
            how = self._formats[0]
            messages: Any = [
                {"role": "system", "content": system if how == "json_schema" else f"{system}\n\n{_in_words(wanted)}"},
                {"role": "user", "content": user},
            ]
            try:
                # As a typed argument the SDK would walk the whole schema again at every call: 2 ms for nothing.
                answer = self._sdk.chat.completions.create(
                    model=self._model, messages=messages, extra_body=_format(how, wanted)
                )
                return _parsed(answer, wanted)
            except openai.BadRequestError as error:
                # Some servers know no schema; the next format is tried, and the refused one never again.
                if ("response_format" not in str(error) and "json" not in str(error).lower()) or len(
                    self._formats
                ) == 1:
                    _explain(error)
                self._formats.pop(0)
            except openai.UnprocessableEntityError as error:
                if len(self._formats) == 1:
                    _explain(error)
                self._formats.pop(0)
            except openai.OpenAIError as error:
                _explain(error)


def _format(how: str, wanted: type[BaseModel]) -> dict[str, Any]:
    if how == "text":
        return {}
    if how == "json_object":
        return {"response_format": {"type": "json_object"}}
    name = wanted.__name__.strip("_").lower()
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": name, "strict": True, "schema": _schema(wanted)},
        }
    }


@cache
def _schema(wanted: type[BaseModel]) -> dict[str, Any]:
    """Give the strict schema: pydantic's, without titles and docstrings that would only cost tokens."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: bare(v) for k, v in node.items() if not (k in ("title", "description") and isinstance(v, str))}
        return [bare(v) for v in node] if isinstance(node, list) else node

    schema: dict[str, Any] = bare(wanted.model_json_schema())
    return schema


def _in_words(wanted: type[BaseModel]) -> str:
    return f"Answer with one JSON object and nothing else, by this JSON schema:\n{json.dumps(_schema(wanted))}"


def _parsed(answer: Any, wanted: type[_T]) -> _T:
    """Make a frozen type of the server's answer at once; anything unreadable is the provider's fault."""
    try:
        choice = answer.choices[0]
        text = choice.message.content or ""
    except (AttributeError, IndexError, TypeError) as error:  # a 200 that is not JSON arrives as a plain str
        raise ProviderError(
            "The model's server answered with something that is not a chat completion; check OPENAI_BASE_URL."
        ) from error
    if choice.finish_reason == "length":
        raise ProviderError("The model's answer was cut off. Try again, or choose another FORBEAR_MODEL.")
    start, end = text.find("{"), text.rfind("}")
    try:
        return wanted.model_validate_json(text[start : end + 1])
    except ValidationError as error:
        raise ProviderError(
            "The model's answer could not be read. Try again, or choose another FORBEAR_MODEL."
        ) from error


def _explain(error: openai.OpenAIError) -> NoReturn:
    """Turn the SDK's error into one sentence that says what to do."""
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        what = "The model's server refused the key; check OPENAI_API_KEY."
    elif isinstance(error, openai.APITimeoutError):
        what = "The model's server did not answer in time; try again, or raise FORBEAR_TIMEOUT."
    elif isinstance(error, openai.APIConnectionError):
        what = "The model's server cannot be reached; check the connection and OPENAI_BASE_URL."
    elif isinstance(error, openai.NotFoundError):
        what = "The model's server does not know this model or path; check FORBEAR_MODEL and OPENAI_BASE_URL."
    elif isinstance(error, openai.RateLimitError):
        what = "The model's server wants fewer requests, or the quota is used up; wait a little."
    elif isinstance(error, openai.APIStatusError):
        what = f"The model's server failed (status {error.status_code}); try again later."
    else:
        what = "The model's server sent something that cannot be read; try again, or check OPENAI_BASE_URL."
    raise ProviderError(f"{what}") from error


def _shown(conversation: Conversation) -> str:
    """Fence the conversation, cut to what fits: its first message, and the latest turns."""
    turns = conversation.turns
    kept = [(turns[0], FIRST_CHARACTERS)] if len(turns) > LATEST_TURNS else []
    kept += [(t, TURN_CHARACTERS) for t in turns[-LATEST_TURNS:-1]] + [(turns[-1], 10**6)]
    said = "\n".join(f"{t.role}: {prompts.fenced(_cut(t.text, limit))}" for t, limit in kept)
    return f"<conversation>\n{said}\n</conversation>"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit // 2] + " … " + text[-limit // 2 :]


def _because(brief: Brief) -> str:
    told = (
        f"{framework.FACTS[a.fact].split(':')[0].split(',')[0]}: “{prompts.fenced(a.quote)}”"
        for a in brief.situation.because[:4]
    )
    return "; ".join(told) or "nothing decided yet"


def _passages(brief: Brief) -> str:
    return "\n".join(f"[{p.title}] ({p.basis}) {prompts.fenced(p.text)}" for p in brief.passages) or "none"


def prompt_names(brief: Brief) -> tuple[str, ...]:
    """Name the prompt files that a reply is written from."""
    situation, move = brief.situation, brief.move
    shape = situation.label.value.lower() if move is Move.QUESTION else move.value
    return ("reply", f"shapes/{shape}", *(("rewrite",) if brief.broken and brief.before else ()))


def _shape(brief: Brief) -> str:
    """Fill the instruction for this reply: by the move, and for a question by the label."""
    situation, values = brief.situation, {}
    if brief.move is Move.STEP_OUT:
        ground = situation.grounds[0]
        told = set(situation.grounds) <= set(brief.memory.referred)
        values = {
            "ground": framework.FACTS[ground],
            "who": lines().step_out[ground].who,
            "again": " It was said before: be shorter, hold to it, and say what you can still help with."
            if told
            else "",
        }
    elif brief.move is Move.QUESTION and situation.label is Label.PRECOND:
        values = {"condition": "; ".join(framework.FACTS[c] for c in situation.conditions)}
    elif brief.move is Move.QUESTION and situation.label is Label.UNCLEAR:
        named = brief.reading.facts.says(Fact.TASK)
        values = {
            "missing": "where the work stands: still with them, handed over and live, or over"
            if named
            else "which piece of work this is about"
        }
    return prompts.load(prompt_names(brief)[1]).render(**values)
