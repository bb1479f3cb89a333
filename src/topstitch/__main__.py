"""`python -m topstitch`."""

from topstitch.cli.main import main

main()
