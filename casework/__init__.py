"""What people told us, and what became of it: feedback, sensitive reports, escalation."""
