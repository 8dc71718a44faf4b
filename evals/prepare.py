"""Make what every run needs and none should wait for: the index, and what the offline models make of the cases."""

from __future__ import annotations

from evals import cases, config, scorecard
from evals.play import Player
from forbear.config import Settings


def main() -> None:
    """Play every case once, offline."""
    player = Player(Settings(model=config.read().model))
    for case in cases.load():
        player.play_offline(case)
    for query in cases.retrieval():
        player.retriever.search(query.query, scorecard.DEEP)
    player.encoder.keep()
    player.reader.keep()
    player.retriever.keep()


if __name__ == "__main__":
    main()
