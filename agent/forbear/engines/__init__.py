"""Hold the two engines: `openai` (any OpenAI-compatible server) and `offline`."""
