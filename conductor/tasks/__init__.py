"""Creating tasks, finding them, and clearing what they left."""
