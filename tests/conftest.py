"""Shared by all tests: no network but this machine's own, an index built once, a fake server that speaks like OpenAI's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from forbear.config import Settings
from forbear.encoder import Encoder
from forbear.store import Store


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data directory whose index is built, for tests that only read it."""
    root = tmp_path_factory.mktemp("built")
    Store(root, Encoder()).search("anything", 1)
    return root


@pytest.fixture
def home(tmp_path: Path, built: Path) -> Path:
    """Give an empty data directory that shares the built index."""
    root = tmp_path / "data"
    root.mkdir()
    (root / "index").symlink_to(built / "index", target_is_directory=True)
    return root


@pytest.fixture
def offline(home: Path) -> Settings:
    return Settings(engine="offline", data_dir=home)


@dataclass
class FakeServer:
    """Answer chat completions on loopback, one scripted answer a request."""

    url: str
    answers: list[Callable[[dict[str, Any]], tuple[int, str]]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    always: Callable[[dict[str, Any]], tuple[int, str]] | None = None
    """Answers when the script is empty."""

    def say(self, *contents: str) -> None:
        """Queue completions."""
        self.answers += [lambda _, c=c: (200, completion(c)) for c in contents]  # type: ignore[misc]

    def fail(self, status: int, body: str = '{"error": {"message": "no"}}') -> None:
        """Queue a failure."""
        self.answers.append(lambda _: (status, body))


def completion(content: str, finish: str = "stop") -> str:
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return json.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": "fake", "choices": [choice]})


#: A status that is never sent: the server takes the request and says nothing.
HANGS = -1
#: A body that ends so is announced as longer than it is, and the connection ends.
CUT = "…cut"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.requests.append(request | {"authorization": self.headers.get("Authorization")})
            answer = fake.answers.pop(0) if fake.answers else fake.always
            status, body = answer(request) if answer else (500, '{"error": {"message": "not scripted"}}')
            data = body.encode()
            if status == HANGS:
                closing.wait(10)
                return
            self.send_response(status)
            self.send_header("Set-Cookie", "session=very-secret")
            self.send_header("OpenAI-Organization", "org-very-secret")
            if status >= 400:
                self.send_header("Retry-After-Ms", "1")  # else the SDK sleeps
            self.send_header("Content-Type", "application/json" if body.startswith("{") else "text/html")
            cut = 100 if body.endswith(CUT) else 0
            self.send_header("Content-Length", str(len(data) + cut))
            if cut:
                self.close_connection = True
            self.end_headers()
            self.wfile.write(data)

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeServer(f"http://127.0.0.1:{running.server_address[1]}/v1")
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield fake
    closing.set()
    running.shutdown()
    running.server_close()
