"""Print for every case whether its recording still holds, and what moved where it does not. Run as `make evals-status`."""

from __future__ import annotations

import argparse
import fnmatch
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from evals import cases, config, judge, play
from evals.cases import HERE, Case
from forbear import resources
from forbear.config import Settings
from forbear.errors import ForbearError

Item = Case | judge.Line
"""What has a recording: a case that is played, or a line that is judged."""


def every(player: play.Player, root: Path, suite: config.Suite) -> list[Item]:
    """List all of a suite that has a recording; a reply can be judged when the case that it answers is fresh."""
    found = cases.load(cases.folder(root))
    sampled = [player.replay(c) for c in judge.sample(found, suite.judged)]
    return [*found, *judge.labelled(cases.folder(root)), *judge.replies(sampled)]


def name_of(item: Item) -> str:
    """Name an item as it is chosen and printed."""
    return item.id if isinstance(item, Case) else item.name


def folder_of(item: Item) -> str:
    """Name the folder of an item's recording."""
    return item.suite if isinstance(item, Case) else "judge"


def orphans(recordings: Path, found: Sequence[Item], judged: int = 0) -> list[Path]:
    """List the recordings that belong to nothing; a verdict on a reply belongs to its case, be that stale or not."""
    owned = {(folder_of(i), f"{name_of(i)}.json") for i in found}
    sampled = judge.sample([i for i in found if isinstance(i, Case)], judged)
    owned |= {("judge", f"{criterion}-{case.id}.json") for criterion in judge.criteria() for case in sampled}
    return sorted(p for p in recordings.glob("*/*.json") if (p.parent.name, p.name) not in owned)


def stale(player: play.Player, found: Sequence[Item]) -> dict[str, tuple[str, ...]]:
    """Give for each item why its recording no longer holds: an empty tuple where it is fresh."""
    return {
        name_of(item): player.replay(item).stale
        if isinstance(item, Case)
        else judge.replay(item, player.recordings, player.settings.model)[1]
        for item in found
    }


def chosen(found: Sequence[Item], globs: str | None) -> list[Item]:
    """Keep the items whose name, or folder/name, matches one of the globs, which commas part."""
    if not globs:
        return list(found)
    return [
        i
        for i in found
        if any(fnmatch.fnmatch(n, g) for g in globs.split(",") for n in (name_of(i), f"{folder_of(i)}/{name_of(i)}"))
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print the status; give 1 where anything is not fresh."""
    parser = argparse.ArgumentParser(prog="evals-status", description=__doc__)
    parser.add_argument("--cases", metavar="GLOB,…", help="only these: names or folder/names, with * and ?")
    parser.add_argument("--suite", type=Path, default=HERE, metavar="DIR", help="a suite of your own")
    parser.add_argument("--verbose", action="store_true", help="a line for the fresh ones too")
    options = parser.parse_args(arguments)
    root = options.suite.resolve()
    resources.use(root)
    try:
        suite = config.read(root)
        player = play.Player(Settings(model=suite.model), root / "recordings")
        items = every(player, root, suite)
        found = stale(player, chosen(items, options.cases))
    except ForbearError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for name, why in found.items():
        if why or options.verbose:
            print(f"{name:10} {'; '.join(why) or 'fresh'}")
    lost = orphans(player.recordings, items, suite.judged) if not options.cases else []
    for path in lost:
        print(f"{path.stem:10} orphan: nothing has this name ({path.parent.name})")
    totals = Counter((why[0].split(":")[0] if why else "fresh") for why in found.values())
    totals += Counter(orphan=len(lost))
    print(", ".join(f"{n} {what}" for what, n in sorted(totals.items())) or "no cases")
    return int(bool(lost or any(found.values())))


if __name__ == "__main__":
    sys.exit(main())
