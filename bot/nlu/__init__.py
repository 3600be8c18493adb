"""Understanding as a Rasa graph component (`component.Understanding`): features, intent, sensitive matters."""
