"""``python -m rsp`` is the command ``rsp``."""

from rsp.cli.main import main

main()
