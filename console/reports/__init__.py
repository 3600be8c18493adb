"""The focal points' desk: sealed reports, opened with the reader's key."""
