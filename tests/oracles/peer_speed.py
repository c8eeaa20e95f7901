"""Prints the CPU seconds that statsforecast's CrostonSBA takes for one forecast of each series on standard input."""

import os
import sys
from time import process_time

import numpy as np
from statsforecast.models import CrostonSBA

series, days = int(os.environ["SERIES"]), int(os.environ["DAYS"])
units = np.frombuffer(sys.stdin.buffer.read()).reshape(series, days)
model = CrostonSBA()
model.forecast(y=units[0], h=28)  # compiles
start = process_time()
for each in units:
    model.forecast(y=each, h=28)
print(process_time() - start)
