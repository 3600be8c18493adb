"""Speed and quality, measured: each script prints its figures and says on what machine."""
