"""`python -m iot.plant`: the simulated plant as a program of its own."""

from __future__ import annotations

import sys

from iot.plant.simulator import main

sys.exit(main())
