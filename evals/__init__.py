"""The eval suite: cases, recorded model answers, scorers, a gate; collected by pytest (`make evals`)."""

import os

# Cases are played in several processes at once; threads of numpy's beside them only wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
