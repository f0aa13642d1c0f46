"""Forms of phases other than headings."""
