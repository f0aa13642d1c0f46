"""What a plan is: pure values, and what can be computed from them. Knows nothing about Markdown."""
