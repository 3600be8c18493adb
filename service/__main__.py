"""`python -m service` is `sawti`."""

from service.cli import main

main()
