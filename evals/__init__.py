"""The eval suite: cases, recorded model answers, scorers, a gate; collected by pytest (`make evals`)."""
