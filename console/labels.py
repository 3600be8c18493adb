"""What staff read for what the code calls by a name: types, states, topics, channels, in their language."""

from flask import Flask

from console import words
from console.words import gettext, mark
from runtime import pages

TYPES = {
    "complaint": mark("Complaint"),
    "suggestion": mark("Suggestion"),
    "praise": mark("Praise"),
    "rumour": mark("Rumour"),
    "question": mark("Question"),
}
STATES = {
    "new": mark("New"),
    "acknowledged": mark("Read"),
    "in_progress": mark("In progress"),
    "answered": mark("Answered"),
    "closed": mark("Closed"),
    "reopened": mark("Open again"),
}
CHANNELS = {"sms": mark("SMS"), "whatsapp": mark("WhatsApp"), "email": mark("E-mail")}
RESOLUTIONS = {
    "done": mark("Done"),
    "partly": mark("Partly done"),
    "not_done": mark("Could not be done"),
    "withdrawn": mark("Withdrawn"),
}
CATEGORIES = {
    "danger": mark("life at risk"),
    "child": mark("child at risk"),
    "sea": mark("sexual exploitation or abuse by aid workers"),
    "gbv": mark("violence at home or by others"),
    "trafficking": mark("trafficking, forced labour"),
    "detention": mark("detention, torture"),
    "fraud": mark("fraud, bribes"),
    "misconduct": mark("other misconduct of aid workers"),
}


def of_type(name: str | None) -> str:
    """`complaint` as `Complaint`."""
    return _of(TYPES, name)


def of_state(name: str | None) -> str:
    """`in_progress` as `In progress`."""
    return _of(STATES, name)


def of_channel(name: str | None) -> str:
    """`sms` as `SMS`."""
    return _of(CHANNELS, name)


def of_resolution(name: str | None) -> str:
    """`not_done` as `Could not be done`."""
    return _of(RESOLUTIONS, name)


def of_category(name: str | None) -> str:
    """`danger` as `life at risk`."""
    return _of(CATEGORIES, name)


def of_topic(topic: str | None) -> str:
    """The title of the topic's page in the language of the reader."""
    if topic is None:
        return gettext("not known")
    page = pages.page(topic, words.language()) or pages.page(topic, pages.SOURCE)
    return page.title if page is not None else topic.replace("_", " ").capitalize()


def _of(known: dict[str, str], name: str | None) -> str:
    return gettext(known.get(name, name)) if name else gettext("not known")


def install(app: Flask) -> None:
    """As filters: {{ feedback.topic|topic_name }}."""
    app.jinja_env.filters.update(
        type_name=of_type,
        state_name=of_state,
        channel_name=of_channel,
        resolution_name=of_resolution,
        topic_name=of_topic,
    )
