"""Forms in which documents tell of phases other than by headings."""
