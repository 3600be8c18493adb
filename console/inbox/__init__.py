"""Feedback: lists, one case, answers, what many tell."""
