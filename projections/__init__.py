"""The read side: views folded from events, which can always be thrown away and rebuilt. Never the cause of anything."""
