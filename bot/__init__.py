"""The assistant: a turn of the conversation, language, understanding, sessions, words.

`turn.read_mail` is what the workers call; `understanding.Understanding` is what `sawti understand` calls."""
