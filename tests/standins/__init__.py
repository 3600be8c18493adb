"""Stand-ins for what tests cannot reach: only Twilio's servers."""
