"""`python -m cli` is the `footnote` command."""

from cli.main import main

main()
