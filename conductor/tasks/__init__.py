"""Beginning tasks, finding them, and clearing what they left."""
