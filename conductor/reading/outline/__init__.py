"""Which parts of a document are phases. It does not read their contents."""
