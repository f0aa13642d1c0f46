"""The pure heart: no clock, no I/O. `lifecycle` says what may follow what, `decide` what should, `evolve` what is."""
