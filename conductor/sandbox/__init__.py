"""What a confined process sees of the machine, and how it is confined."""
