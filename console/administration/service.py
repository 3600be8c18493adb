"""The page on the service itself: how it is doing, how it is set up. Secrets and phone numbers are not shown."""

from collections.abc import Iterator
from datetime import timedelta

from flask import current_app, g, render_template
from flask.typing import ResponseReturnValue

from casework import audit
from console import asked, labels
from console.administration import state
from console.blueprint import blueprint
from console.words import gettext, mark, ngettext, of_language
from messaging import readiness
from runtime import taxonomy
from runtime.deployment import Prices, deployment
from runtime.promises import Promises
from runtime.settings import settings

CHECKS = {
    "database": mark("The database answers and is at the newest revision"),
    "redis": mark("Redis answers"),
    "conversations": mark("Somebody works on incoming messages"),
    "delivery": mark("Somebody sends what waits"),
    "clock": mark("The clock runs: reminders, calling, forgetting"),
    "duty_covered": mark("Somebody is on duty at every hour of the coming week"),
    "focal_points": mark("Every focal point has an address that works"),
    "alerts": mark("Alerts reach somebody"),
}
Setting = tuple[str, str]


@blueprint.get("/service")
def service() -> ResponseReturnValue:
    """How the service is doing, and its settings."""
    audit.note(g.who.person.login, "service_viewed")
    return render_template(
        "console/administration/service.html",
        state=state.look(),
        words_of=CHECKS,
        soon=state.soon() if asked.word("soon") == "yes" else None,
        most_soon=state.MOST_SOON,
        model=current_app.config.get("SAWTI_MODEL"),
        settings=shown_settings(),
    )


def shown_settings() -> list[tuple[str, list[Setting]]]:
    """Heading and lines. Only what is written here is shown: a new setting is not until somebody has thought of it."""
    given, here = settings(), deployment()
    escalates, keeps = here.escalation, here.promises.retention
    senders = [labels.of_channel(name) for name in sorted(readiness.senders())]
    return [
        (
            gettext("Organisation"),
            [
                (gettext("Name"), here.organisation),
                (gettext("Country"), here.country),
                (gettext("Languages"), ", ".join(map(of_language, here.languages))),
                (gettext("Language where none is known"), of_language(here.default_language)),
                (gettext("Time zone"), here.time_zone),
                (gettext("Emergency number"), here.emergency_number or _none()),
                (gettext("Sites"), ", ".join(here.sites) or _none()),
                (gettext("People answer"), here.promises.opening_hours),
                (gettext("Demonstration"), gettext("yes") if here.demonstration else gettext("no")),
                (gettext("Phones of engagement staff"), str(len(here.engagement))),
                (gettext("File of the directory"), here.directory.name if here.directory else _none()),
            ],
        ),
        (
            gettext("Calling focal points"),
            [
                (gettext("Urgent: the next are called after"), _span(timedelta(hours=escalates.urgent_hours))),
                (gettext("Others: the next are called after"), _span(timedelta(hours=escalates.other_hours))),
                (gettext("Urgent categories"), ", ".join(map(labels.of_category, escalates.urgent)) or _none()),
                (gettext("Called after those on duty"), ", ".join(escalates.backups) or gettext("all others")),
                (gettext("Reports are to be taken within"), _span(timedelta(days=escalates.acknowledge_days))),
                (gettext("People are to be told within"), _span(timedelta(days=escalates.feedback_days))),
                (gettext("Daily test at"), escalates.test_at or _none()),
                (gettext("May refer without consent"), ", ".join(escalates.may_override) or _none()),
            ],
        ),
        (gettext("Promised times"), [*_promised(here.promises)]),
        (
            gettext("How long words are kept"),
            [
                (gettext("Messages"), _span(keeps.messages)),
                (gettext("Files"), _span(keeps.media)),
                (gettext("Feedback, after it was closed"), _span(keeps.feedback)),
                (gettext("Contacts, after their last message"), _span(keeps.contacts)),
                (gettext("Reports, after they were closed"), _span(keeps.reports)),
                (gettext("Staff are shown what will go"), _span(keeps.warn)),
            ],
        ),
        (
            gettext("Sending and prices"),
            [
                (gettext("SMS segments a second, at most"), f"{here.rates.sms:g}"),
                (gettext("WhatsApp messages a second, at most"), f"{here.rates.whatsapp:g}"),
                *_prices(here.prices),
                (gettext("WhatsApp templates"), ", ".join(sorted(here.whatsapp_templates)) or _none()),
                (gettext("WhatsApp session"), _span(timedelta(hours=here.session_hours))),
            ],
        ),
        (
            gettext("Technical"),
            [
                (gettext("Address of the service"), given.origin),
                (gettext("Sends by"), _provider()),
                (gettext("Channels"), ", ".join(senders) or _none()),
                (gettext("Database"), "PostgreSQL" if "postgresql" in given.sqlalchemy_url() else "SQLite"),
                (gettext("Redis"), gettext("its own") if given.redis_url is None else gettext("by REDIS_URL")),
            ],
        ),
    ]


def _promised(promises: Promises) -> Iterator[Setting]:
    for name in taxonomy.feedback_types():
        times = promises.times_for([name])
        told = {"read": _span(times.acknowledge), "answered": _span(times.answer)}
        yield labels.of_type(name), gettext("read within %(read)s, answered within %(answered)s") % told


def _prices(prices: Prices | None) -> Iterator[Setting]:
    sms, whatsapp = (f"{one} {prices.currency}" for one in (prices.sms, prices.whatsapp)) if prices else (_none(),) * 2
    yield gettext("Price of an SMS segment"), sms
    yield gettext("Price of a WhatsApp message"), whatsapp


def _provider() -> str:
    if settings().uses_twilio:
        return "Twilio"
    return gettext("the simulator: no message reaches a real phone")


def _none() -> str:
    return gettext("none")


def _span(time: timedelta) -> str:
    """`3 days`, `1 hour`, `90 minutes`."""
    minutes = round(time / timedelta(minutes=1))
    if minutes % 1440 == 0:
        return ngettext("%(num)s day", "%(num)s days", minutes // 1440) % {"num": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(num)s hour", "%(num)s hours", minutes // 60) % {"num": minutes // 60}
    return ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}
