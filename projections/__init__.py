"""The read side: views folded from events, which can always be discarded and rebuilt. Nothing depends on them."""
