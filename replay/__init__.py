"""The past: any state again, its history in words, and whether the record holds. Folds facts; never runs anything."""
