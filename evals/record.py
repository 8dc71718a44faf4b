"""Record what is stale, and only that, from any OpenAI-compatible server. Run as `make record`.

Cases are recorded side by side, each in a process of its own (vcrpy patches a whole process). A case is put in place
when all of it was answered; what fails keeps its old recording, is told, and is tried again by the next run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from evals import config, judge, play, status
from evals.cases import HERE, Case
from evals.status import Item
from forbear import config as environment
from forbear import resources
from forbear.config import Settings
from forbear.errors import ForbearError

#: Calls of one answer: the form, the reply, and a reply written again.
MOST_CALLS = 3
#: Tokens that a call is taken to cost before anything like it was recorded: about what the prompts come to.
TOKENS = 1_000


@dataclass(frozen=True)
class Job:
    """Hold one case, or labelled line, to be recorded."""

    item: Item
    anew: bool = False
    """Whether the answers that still hold are asked for again too."""

    @property
    def most(self) -> int:
        """Give the most calls that it can take."""
        return MOST_CALLS * len(self.item.answered) if isinstance(self.item, Case) else 1

    @property
    def plain(self) -> int:
        """Give the calls that it takes when nothing is written again."""
        return 2 * len(self.item.answered) if isinstance(self.item, Case) else 1


@dataclass(frozen=True)
class Done:
    """Hold how a job went: calls really made, their tokens, or the one sentence about what failed."""

    name: str
    calls: int
    tokens: int
    failed: str = ""


def work(job: Job, settings: Settings, recordings: Path) -> Done:
    """Record one case; a provider's failure is an answer here, our own bugs are not."""
    name = status.name_of(job.item)
    try:
        if isinstance(job.item, Case):
            tape = _player(settings, recordings).record(job.item, anew=job.anew)
        else:
            tape = judge.record(job.item, recordings, settings, anew=job.anew)
    except ForbearError as error:
        return Done(name, 0, 0, str(error))
    return Done(name, tape.fresh, tape.tokens)


@cache
def _player(settings: Settings, recordings: Path) -> play.Player:
    return play.Player(settings, recordings)


def run(
    jobs: list[Job], settings: Settings, recordings: Path, *, at_once: int, max_calls: int, root: Path = HERE
) -> list[Done]:
    """Record jobs side by side, printing each as it ends; stops before a job that could pass `max_calls`."""
    finished, waiting, spent = list[Done](), list(jobs), 0
    running: dict[Future[Done], Job] = {}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=spawn, initializer=resources.use, initargs=(root,)) as pool:
        while waiting or running:
            while waiting and len(running) < at_once:
                if spent + sum(j.most for j in running.values()) + waiting[0].most > max_calls:
                    break
                job = waiting.pop(0)
                running[pool.submit(work, job, settings, recordings)] = job
            if not running:
                print(f"Stopped at --max-calls {max_calls}: {len(waiting)} cases are left; run again to go on.")
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job, done = running.pop(future), future.result()
                spent += done.calls
                finished.append(done)
                print(f"{done.name:10} {done.failed or f'{done.calls} calls, {done.tokens} tokens'}", flush=True)
    return finished


def estimate(jobs: list[Job], recordings: Path, suite: config.Suite, model: str) -> str:
    """Say what recording would cost at the most, from what is there and the length of a plain case."""
    calls = sum(j.most for j in jobs)
    known = [u for path in recordings.glob("*/*.json") for u in _usage(path)]
    prompt = sum(p for p, _ in known) / len(known) if known else TOKENS * 0.9
    completion = sum(c for _, c in known) / len(known) if known else TOKENS * 0.1
    price = suite.prices.get(model)
    plain = sum(j.plain for j in jobs)
    money = ""
    if price:
        dollars = plain * (prompt * price.prompt + completion * price.completion) / 1e6
        money = f", about ${dollars:.2f} with {model}"
    return f"{len(jobs)} to record: about {plain} calls ({calls} at the most), {plain * (prompt + completion):,.0f} tokens{money}."


def _usage(path: Path) -> list[tuple[int, int]]:
    found = []
    for row in json.loads(path.read_text(encoding="utf-8"))["interactions"]:
        usage = row["response"]["body"]["string"].get("usage") or {}
        if usage.get("prompt_tokens"):
            found.append((usage["prompt_tokens"], usage.get("completion_tokens", 0)))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Record; give 0 when all is fresh, 3 where a provider failed, 1 where something is left."""
    parser = argparse.ArgumentParser(prog="record", description=__doc__.split("\n")[0])
    parser.add_argument("--cases", metavar="GLOB,…", help="only these: names or folder/names, with * and ?")
    parser.add_argument("--suite", type=Path, default=HERE, metavar="DIR", help="a suite of your own")
    parser.add_argument("--all", action="store_true", help="the fresh ones too")
    parser.add_argument("--max-calls", type=int, default=1000, metavar="N", help="stop before this many calls")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="cases recorded side by side")
    parser.add_argument("--dry-run", action="store_true", help="say what it would cost, and stop")
    options = parser.parse_args(arguments)
    root = options.suite.resolve()
    resources.use(root)
    try:
        suite = config.read(root)
        settings = replace(environment.load(engine="openai"), model=suite.model)
        player = play.Player(settings, root / "recordings")
        items = status.every(player, root, suite)
        picked = status.chosen(items, options.cases)
        if not picked:
            print(f"No case matches {options.cases!r}; give a name or folder/name, with * and ?.", file=sys.stderr)
            return 2
        player.retriever.search("the index is built before the processes start", 1)
        moved = status.stale(player, picked)
    except ForbearError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    jobs = [
        Job(i, anew=options.all)
        for i in picked
        if (options.all or moved[status.name_of(i)]) and not (isinstance(i, Case) and play.needs_no_model(i))
    ]
    print(estimate(jobs, player.recordings, suite, suite.model))
    if options.dry_run or not jobs:
        return 0
    done = run(jobs, settings, player.recordings, at_once=options.at_once, max_calls=options.max_calls, root=root)
    failed = [d for d in done if d.failed]
    print(
        f"{len(done) - len(failed)} recorded with {sum(d.calls for d in done)} calls and {sum(d.tokens for d in done):,} tokens;"
        f" {len(failed)} failed, {len(jobs) - len(done)} not begun. What failed keeps its old recording."
    )
    return 3 if failed else int(len(done) < len(jobs))


if __name__ == "__main__":
    sys.exit(main())
