"""The pure core: no clock, no I/O. `lifecycle` says what may happen, `decide` what should, `evolve` what has."""
