"""What the assistant does, one file per thing: Rasa SDK actions. They hold no sentence, only names of sentences."""
