"""The tests. Folders mirror the packages; what several share is in `support`, whole runs in `e2e`, kills in `crash`."""
