"""What the figures tell: counts, charts, the month's report."""
