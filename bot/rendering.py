"""A reply as plain text: paragraphs, then the numbered choices."""

from bot.assistant import Reply


def text_of(reply: Reply, introduction: str | None = None) -> str:
    """One message: the useful words first; who we are comes before a menu, or after an answer."""
    paragraphs = list(reply.texts)
    if introduction and reply.choices:
        paragraphs.insert(0, introduction)
    choices = [f"{number} {title}" for number, (_, title) in enumerate(reply.choices, 1)]
    body = "\n".join([*paragraphs, *choices])
    if introduction and not reply.choices:
        body = f"{body}\n\n{introduction}" if body else introduction
    return body
