"""Make one record of a run: every case with its scores by both engines, and what the columns say. Same run, same bytes."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from evals import measures, scorers
from evals.cases import Case, RetrievalCase
from evals.play import Answered, Played
from forbear.deps import Retriever
from forbear.sheet import Sheet
from forbear.sheet_report import as_markdown
from forbear.situation import Label

#: Scores of which less is better.
LESS_IS_BETTER = ("cost", "calibration_error")
#: How many found passages the scores of the search look at.
DEEP = 10
LABELS = [label.value for label in Label]
Row = dict[str, Any]


def row(played: Played) -> Row:
    """Give one case's record: what was read and answered, and each score with its reason."""
    case = played.case
    scores = scorers.score(case, played.answers)
    answers = [_answer(a, s) for a, s in zip(played.answers, scores, strict=True)]
    if played.sheet:
        answers = [_sheet(played.sheet, case, scorers.score_sheet(case, played.sheet))]
    return {
        "id": case.id,
        "suite": case.suite,
        "by": case.by,
        "engine": played.engine,
        "gold": case.gold.label.value if case.gold else None,
        "known": case.known,
        "stale": list(played.stale),
        "half_life": scorers.half_life(scores, played.engine) if scores and case.expect else None,
        "answers": answers,
    }


def _answer(answer: Answered, scores: list[scorers.Score]) -> Row:
    shown: Row = {"message": answer.conversation.message}
    if answer.reading is not None and answer.reply is not None:
        shown |= {
            "label": answer.reading.situation.label.value,
            "confidence": round(answer.reading.confidence, 4),
            "yes": [f"{a.fact.value}: {a.quote}" for a in answer.reading.facts.yes],
            "move": answer.reply.move.value,
            "reply": answer.reply.text,
            "cites": [p.id for p in answer.reply.cites],
            "mended": [f.rule for f in answer.reply.mended],
            "rewritten": answer.reply.rewritten,
            "from_bank": answer.reply.from_bank,
        }
    else:
        shown["refused"] = answer.refused
    return shown | _scores(scores)


def _sheet(sheet: Sheet, case: Case, scores: list[scorers.Score]) -> Row:
    shown = {
        "message": case.turns[-1].text,
        "label": sheet.label.value,
        "move": sheet.kind,
        "reply": as_markdown(sheet),
    }
    return shown | _scores(scores)


def _scores(scores: list[scorers.Score]) -> Row:
    return {"scores": {s.name: [round(s.value or 0.0, 4), s.reason] for s in scores}}


def broken(record: Row) -> list[str]:
    """List the hard limits that a case breaks, each with its reason."""
    return [
        f"{name} (answer {n}): {answer['scores'][name][1]}"
        for n, answer in enumerate(record["answers"], 1)
        for name in scorers.HARD[record["engine"]]
        if name in answer["scores"] and answer["scores"][name][0] < 1
    ]


def columns(rows: list[Row]) -> dict[str, dict[str, float]]:
    """Give each score as one column: case (and answer) → value."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for record in rows:
        for n, answer in enumerate(record["answers"], 1):
            for name, (value, _) in answer["scores"].items():
                found[name][f"{record['id']}.{n}"] = value
    return dict(sorted(found.items()))


def summary(rows: list[Row]) -> Row:
    """Say what the rows of one engine come to: each score with n and interval, confusion, agreement, calibration."""
    scores = {}
    for name, column in columns(rows).items():
        estimate = measures.estimate(list(column.values()))
        if estimate:
            scores[name] = estimate.as_json()
    read = [(r["gold"], r["answers"][-1]) for r in rows if r["gold"] and r["answers"] and "label" in r["answers"][-1]]
    if not read:
        return {"scores": scores}
    gold, got = [g for g, _ in read], [a["label"] for _, a in read]
    sure = [a["confidence"] for _, a in read]
    right = [float(g == a["label"]) for g, a in read]
    f1 = measures.f1(gold, got)
    found: Row = {
        "scores": scores,
        "kappa": _rounded(measures.kappa(gold, got)),
        "macro_f1": round(sum(f1.values()) / len(f1), 4),
        "f1": {k: round(v, 4) for k, v in f1.items()},
        "confusion": measures.confusion(gold, got, LABELS),
        "calibration_error": round(measures.calibration_error(sure, right), 4),
        "reliability": measures.reliability(sure, right),
        "fact_kappa": _fact_kappa(rows),
    }
    lives = [r["half_life"] for r in rows if r["answers"] and "expected" in r["answers"][0]["scores"]]
    if lives:
        found["dialogues"] = {
            "n": len(lives),
            "held": sum(x is None for x in lives),
            "first_break": sorted(x for x in lives if x),
        }
    return found


def _fact_kappa(rows: list[Row]) -> dict[str, float | None]:
    """Give Cohen's kappa of each question of the form, against the gold."""
    pairs: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for record in rows:
        for answer in record["answers"]:
            for name, (value, reason) in answer["scores"].items():
                if name.startswith("fact:"):
                    gold = reason == "gold yes"
                    pairs[name[5:]].append((gold, gold == bool(value)))
    return {name: _rounded(measures.kappa(*zip(*both, strict=True))) for name, both in sorted(pairs.items())}


def searched(found: list[RetrievalCase], retriever: Retriever, k: int = DEEP) -> Row:
    """Score the search on the retrieval cases: recall@5, nDCG@10 and MRR, each with its interval."""
    scores: dict[str, list[float]] = {"recall@5": [], "ndcg@10": [], "mrr": []}
    rows = []
    for case in found:
        ids = [p.id for p in retriever.search(case.query, k)]
        hits = [n for n, i in enumerate(ids, 1) if i in case.relevant]
        scores["recall@5"].append(sum(n <= 5 for n in hits) / min(len(case.relevant), 5))
        scores["ndcg@10"].append(measures.ndcg([case.relevant.get(i, 0) for i in ids], list(case.relevant.values()), k))
        scores["mrr"].append(1 / hits[0] if hits else 0.0)
        rows.append({"id": case.id, "query": case.query, "found": ids, "recall@5": round(scores["recall@5"][-1], 4)})
    estimates = {name: measures.estimate(values) for name, values in scores.items()}
    return {"scores": {k: e.as_json() for k, e in estimates.items() if e}, "rows": rows}


def document(rows: list[Row], retrieval: Row, model: str) -> Row:
    """Put a run together: what the JSON report holds."""
    engines = {}
    for engine in ("openai", "offline"):
        mine = [r for r in rows if r["engine"] == engine and not r["stale"]]
        if mine:
            engines[engine] = summary(mine)
    return {"model": model, "engines": engines, "retrieval": retrieval, "rows": rows}


def as_bytes(run: Row) -> bytes:
    """Write a run, the same bytes every time."""
    return (json.dumps(run, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def cases_of(rows: list[Row]) -> set[str]:
    """List the ids of the cases in some rows."""
    return {r["id"] for r in rows}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def name_of(case: Case) -> str:
    """Name a case as the tests and reports do."""
    return f"{case.suite}/{case.id}"
