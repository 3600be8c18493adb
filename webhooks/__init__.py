"""The door: Twilio's webhooks, the phone simulator, health and metrics. Checks, hands to one function, answers."""
