"""Feedback without identities, for other tools: files, and an interface to read."""
