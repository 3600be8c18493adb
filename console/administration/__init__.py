"""People, duty, health, settings: what administrators see and change."""
