"""Which parts of a document are phases. Does not read what stands in them."""
