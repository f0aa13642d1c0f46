"""A local server that speaks the Messages API over real HTTP and SSE, strictly, and fails on demand."""
