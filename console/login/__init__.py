"""Coming in and staying in: passwords, one-time codes, pauses, sessions, phones, own account."""
