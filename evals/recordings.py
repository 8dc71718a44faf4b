"""Keep what a model answered: one vcrpy cassette a case, scrubbed, readable, with the fingerprints of what it rests on.

vcrpy patches a transport class for the whole process, so two cassettes must never be open at once: cases are played
one after the other, and recorded side by side only in processes of their own (record.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import openai
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.record_mode import RecordMode

from forbear.config import Settings
from forbear.errors import UserError

HERE = Path(__file__).resolve().parent
RECORDINGS = HERE / "recordings"
#: Where requests seem to go in a recording, whatever server answered.
NOWHERE = "https://model.invalid/v1/chat/completions"

Call = dict[str, Any]
"""What one request rests on: role, prompts, passages, rubric (hashes by name), schema, sampling, rendered (hashes),
model asked for, model that answered."""


def sha(value: Any) -> str:
    """Give a short hash of a text, or of anything JSON."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Miss(Exception):
    """Say that a request is not in the recording; `calls` are those up to it, the last being the one that missed."""

    def __init__(self, calls: list[Call]) -> None:
        super().__init__("a request is not in the recording")
        self.calls = calls


@dataclass
class Tape:
    """Note what each request of a conversation rests on, in the order they are made."""

    retries: int = 5
    """How often a live call is tried again; the SDK waits in between, as long as `retry-after` says."""
    calls: list[Call] = field(default_factory=list)
    pending: Call = field(default_factory=dict)
    """What the next request rests on; set by whoever makes it."""
    answered: list[str] = field(default_factory=list)
    tokens: int = 0
    fresh: int = 0
    """Requests that were really sent: not in the recording before."""

    def live(self, settings: Settings) -> openai.OpenAI:
        """Give an SDK client that asks the server of the settings."""
        timeout = settings.timeout_s
        return openai.OpenAI(
            api_key=settings.api_key or "none",
            base_url=settings.base_url,
            timeout=timeout,
            max_retries=self.retries,
            http_client=self._noting(timeout),
        )

    def replaying(self) -> openai.OpenAI:
        """Give an SDK client that has nowhere to go but the recording."""
        return openai.OpenAI(
            api_key="none",
            base_url="https://model.invalid/v1",
            max_retries=0,
            http_client=self._noting(1.0, verify=False),  # nothing is sent
        )

    def _noting(self, timeout_s: float, *, verify: bool = True) -> httpx2.Client:

        def note(request: httpx2.Request) -> None:
            if request.headers.get("x-stainless-retry-count", "0") != "0":
                return  # the same call, tried again
            body = json.loads(request.content)
            sampling = {k: v for k, v in body.items() if k not in ("messages", "model", "response_format")}
            self.calls.append(
                self.pending
                | {
                    "schema": sha(body.get("response_format", {})),
                    "sampling": sha(sampling),
                    "rendered": sha(body["messages"]),
                    "model": body["model"],
                }
            )

        return httpx2.Client(event_hooks={"request": [note]}, timeout=timeout_s, verify=verify)


@contextmanager
def replaying(path: Path, tape: Tape) -> Iterator[Any]:
    """Play a cassette back: nothing is ever sent; a request that is not in it raises Miss.

    Yields the cassette, whose `all_played` tells whether something in it was not asked for.
    """
    try:
        with _VCR.use_cassette(path, record_mode=RecordMode.NONE) as cassette:
            yield cassette
    except CannotOverwriteExistingCassetteException as miss:
        raise Miss(tape.calls) from miss


@contextmanager
def recording(path: Path, tape: Tape, about: dict[str, Any], *, anew: bool = False) -> Iterator[None]:
    """Record what is new (all of it, where `anew`), play the rest, and put the file in place when all went well.

    Whatever is raised inside, the recording that was there before stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if path.exists() and not anew:
        shutil.copyfile(path, draft)
    else:
        draft.unlink(missing_ok=True)
    try:
        with _VCR.use_cassette(draft, record_mode=RecordMode.NEW_EPISODES, drop_unused_requests=True) as cassette:
            kept = len(cassette)
            yield
            tape.fresh = len(cassette) - kept
            tape.tokens = sum(_tokens(r) for r in cassette.responses[kept:])
        if not tape.calls:
            raise UserError(f"{path.stem}: no model was asked; if that is right, say `refused: true` in the case.")
        made = json.loads(draft.read_text(encoding="utf-8"))
        by_request = {sha(_joined(i["request"]["body"]["messages"])): i for i in made["interactions"]}
        for call in tape.calls:
            call["answered_by"] = by_request[call["rendered"]]["response"]["body"]["string"].get("model", "?")
        made["metadata"] = about | {"calls": tape.calls}
        draft.write_text(_pretty(made), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def about(path: Path) -> dict[str, Any]:
    """Read what a recording says of itself; raises UserError that names the file where it cannot be read."""
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        return dict(meta)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path.name} cannot be read as a recording; restore it, or record it again.") from error


def causes(recorded: dict[str, Any], calls: list[Call], inputs: str) -> tuple[str, ...]:
    """Say why the last of `calls` is not in the recording, by comparing what it rests on with what was noted then."""
    if recorded.get("inputs") != inputs:
        return ("case moved",)
    now, n = calls[-1], len(calls) - 1
    if n >= len(recorded["calls"]):
        return ("one call more than recorded",)
    then, found = recorded["calls"][n], []
    for kind in ("prompts", "rubric"):
        moved = [k for k, v in now.get(kind, {}).items() if then.get(kind, {}).get(k, v) != v]
        found += [f"{'rubric' if kind == 'rubric' else 'prompt'} moved: {name}" for name in moved]
    if now.get("passages", {}).keys() != then.get("passages", {}).keys():
        found.append("retrieval moved")
    else:
        moved = [k for k, v in now.get("passages", {}).items() if then["passages"][k] != v]
        found += [f"passage moved: {name}" for name in moved]
    found += [f"{kind} moved" for kind in ("schema", "model", "sampling") if now[kind] != then[kind]]
    if not found and now.get("prompts", {}).keys() != then.get("prompts", {}).keys():
        found.append("move or label moved")
    return tuple(found) or ("code moved",)


def _pretty(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _lines(messages: Any) -> Any:
    """Write each message as its lines, so that a changed line is a changed line in a diff."""
    return [m | {"content": m["content"].split("\n")} for m in messages]


def _joined(messages: Any) -> Any:
    return [m | {"content": "\n".join(m["content"])} for m in messages]


class _Readable:
    """Serialise a cassette as JSON whose bodies are JSON too, not strings of JSON."""

    @staticmethod
    def serialize(cassette: Any) -> str:
        for row in cassette["interactions"]:
            body = json.loads(row["request"]["body"])
            row["request"]["body"] = body | {"messages": _lines(body["messages"])}
            row["response"]["body"]["string"] = json.loads(row["response"]["body"]["string"])
        return _pretty(cassette)

    @staticmethod
    def deserialize(text: str) -> Any:
        cassette = json.loads(text)
        for row in cassette["interactions"]:
            body = row["request"]["body"]
            row["request"]["body"] = json.dumps(body | {"messages": _joined(body["messages"])})
            row["response"]["body"]["string"] = json.dumps(row["response"]["body"]["string"])
        return cassette


def _bare_request(request: Any) -> Any:
    """Keep of a request its body alone: no key, no organisation, no host."""
    request.headers = {}
    request.uri = NOWHERE
    return request


def _bare_response(response: Any) -> Any:
    """Keep of a response what the engine reads; a failure, or what is no completion, is not kept at all."""
    if response["status"]["code"] != 200:
        return None
    try:
        body = json.loads(response["body"]["string"])
        kept = {k: body[k] for k in ("object", "model", "choices", "usage") if k in body}
        kept["choices"] = [
            {"index": c["index"], "finish_reason": c["finish_reason"],
             "message": {k: c["message"].get(k) for k in ("role", "content", "refusal") if k in c["message"]}}
            for c in body["choices"]
        ]  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None
    return {
        "status": {"code": 200, "message": "OK"},
        "headers": {"content-type": ["application/json"]},
        "body": {"string": json.dumps({"id": "recorded", "created": 0} | kept).encode()},
    }


def _tokens(response: Any) -> int:
    usage = json.loads(response["body"]["string"]).get("usage") or {}
    return int(usage.get("total_tokens") or 0)


def _same_body(one: Any, other: Any) -> bool:
    """Match on the normalised JSON body: every key and value, in whatever order."""
    return bool(json.loads(one.body) == json.loads(other.body))


_VCR = vcr.VCR(
    before_record_request=_bare_request,
    before_record_response=_bare_response,
    decode_compressed_response=True,
    record_on_exception=True,
    skip_patchers=[
        "httplib", "requests", "boto3", "urllib3", "httplib2", "tornado", "aiohttp", "httpx",
    ],
)  # fmt: skip
_VCR.register_serializer("readable", _Readable)
_VCR.register_matcher("json-body", _same_body)
_VCR.serializer = "readable"
_VCR.match_on = ("method", "json-body")
