"""Measure what a turn costs: own time, bytes kept, start-up, model calls and prompt tokens. Run as `make bench`.

The machine is whatever it is, so what counts are the ratios, each measured within one run. The model is a fake server
without latency in a process of its own: what is left is our own time.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LIVE = "I gave Sam the newsletter last month and I keep opening the draft every evening. It goes out on Friday and I know how I'd fix it."
NEXT = "Every evening, after the children are in bed. I don't change anything, I only look, and then I lie awake about the second page."
FORM = {
    "yes": [{"fact": "task", "episode": 1, "quote": "the newsletter"}, {"fact": "handed_over", "episode": 1, "quote": "I gave Sam the newsletter"}],
    "least_sure": "taken_back",
    "confidence": 0.8,
}  # fmt: skip
WORDS = [
    "page",
    "hour",
    "kitchen",
    "line",
    "silence",
    "printer",
    "Friday",
    "desk",
    "draft",
    "phone",
    "window",
    "letter",
    "garden",
    "market",
    "river",
    "table",
    "candle",
    "engine",
    "paper",
    "bridge",
    "corner",
    "ladder",
    "mirror",
    "needle",
    "orange",
    "pencil",
    "rabbit",
    "saddle",
    "ticket",
    "violin",
    "wagon",
    "yard",
    "basket",
    "carpet",
    "drawer",
    "feather",
    "hammer",
]


class Handler(BaseHTTPRequestHandler):
    """Answer at once; every reply asks something else, so that none is refused as a repetition."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    replies = 0

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = request.get("response_format", {}).get("json_schema", {}).get("name")
        if name == "reply":
            Handler.replies += 1
            # Where the coach closes it asks nothing; otherwise no question resembles another.
            closing = "`question` is empty" in request["messages"][0]["content"]
            words = [WORDS[(Handler.replies * step) % len(WORDS)] for step in (3, 7, 11, 13)]
            question = "" if closing else f"What does {words[0]} {words[1]} tell {words[2]} {words[3]}?"
            content: dict[str, Any] = {
                "reflection": "You look at it every evening and change nothing.",
                "question": question,
            }
        else:
            content = FORM
        message = {"role": "assistant", "content": json.dumps(content), "refusal": None}
        body = json.dumps(
            {
                "id": "x",
                "object": "chat.completion",
                "created": 1,
                "model": "fake",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def milliseconds(work: Callable[[], Any], times: int) -> float:
    """Give the median time of some runs after two that do not count."""
    work(), work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def start(command: list[str], env: dict[str, str] | None = None, times: int = 7) -> float:
    """Give the median seconds of a whole process, after one run that does not count."""
    taken = []
    for n in range(times + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=os.environ | (env or {}))
        if n:
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    from forbear.coach import Coach
    from forbear.config import Settings
    from forbear.engines.openai import client

    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    root = Path(tempfile.mkdtemp())
    try:
        settings = Settings(api_key="k", base_url=url, data_dir=root / "turn")
        sdk = client(settings)
        coach = Coach(settings)
        sizes: list[list[int]] = []
        create = coach.engine._sdk.chat.completions.create  # type: ignore[attr-defined]

        def counted(**request: Any) -> Any:
            sizes[-1].append(
                sum(len(m["content"]) for m in request["messages"]) + len(json.dumps(request["extra_body"]))
            )
            return create(**request)

        coach.engine._sdk.chat.completions.create = counted  # type: ignore[attr-defined]

        def turn(session: str | None = None, text: str = LIVE) -> str:
            sizes.append([])
            return coach.ask(text, session).session

        bare_request = {"model": "m", "messages": [{"role": "user", "content": LIVE * 6}]}
        bare = milliseconds(lambda: sdk.chat.completions.create(**bare_request), 60)  # type: ignore[call-overload]
        whole = milliseconds(turn, 60)
        print("\n# A turn with a model that answers at once")
        print(
            f"one turn: {whole:.1f} ms, {whole / bare:.1f} x one bare call to the same server ({bare:.1f} ms); its two calls alone are 2.0 x"
        )
        print(f"own time, the two calls taken off: {whole - 2 * bare:.1f} ms (aim: turn <= 15 ms, <= 3 x)")

        sizes.clear()
        session = turn()
        for _ in range(49):
            turn(session, NEXT)
        tokens = [sum(s) / 4 for s in sizes]
        print("\n# Model calls and prompt tokens (characters / 4, the JSON schema included)")
        print(
            f"calls a turn: {statistics.mean(len(s) for s in sizes):.2f} on average, {max(len(s) for s in sizes)} at most (aim: <= 2)"
        )
        print(
            f"prompt tokens: turn 1 {tokens[0]:.0f}, turn 5 {tokens[4]:.0f}, turn 20 {tokens[19]:.0f}, turn 50 {tokens[49]:.0f} (aim: <= 1500, flat)"
        )
        print(f"the form's prompt {sizes[0][0] / 4:.0f}, the reply's {sizes[0][1] / 4:.0f} at turn 1")

        marks = {}
        session = turn()
        for n in range(2, 201):
            turn(session, NEXT)
            if n in (50, 100, 150, 200):
                with sqlite3.connect(coach.sessions.path) as file:
                    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                marks[n] = coach.sessions.path.stat().st_size
        print("\n# Bytes kept a turn (transcript, its record, and the checkpoint)")
        print(
            f"turns 51-100: {(marks[100] - marks[50]) / 50:,.0f}, turns 151-200: {(marks[200] - marks[150]) / 50:,.0f} (aim: flat, <= 6 KB)"
        )
        coach.sessions.close()
    finally:
        server.kill()
    forbear = [sys.executable, "-m", "forbear"]
    env = {"FORBEAR_DATA_DIR": str(root / "start"), "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
    subprocess.run([*forbear, "ask", LIVE], check=True, capture_output=True, env=os.environ | env)
    imports = start([sys.executable, "-c", "import langgraph.graph, chromadb"])
    ask = start([*forbear, "ask", LIVE], env)
    print("\n# Start, whole process, median of 7")
    print(f"forbear --help: {start([*forbear, '--help']):.2f} s (aim: <= 0.3)")
    print(
        f"forbear ask, offline: {ask:.2f} s, {ask / imports:.2f} x importing langgraph and chromadb alone ({imports:.2f} s; aim: <= 1.3 x)"
    )
    shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
