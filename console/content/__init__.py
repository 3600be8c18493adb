"""What the service says: checks, coverage, translation, and what the assistant is to learn."""
