"""`python -m jaxbragg`: the same as the command `jaxbragg`."""

import sys

from jaxbragg.cli.command import main

sys.exit(main())
