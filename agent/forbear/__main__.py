"""Run the command line: `python -m forbear`."""

from forbear.cli import main

main()
