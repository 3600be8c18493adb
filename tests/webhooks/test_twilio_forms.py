"""Twilio's forms as a table: what comes in, what it becomes."""

import base64

import pytest

from messaging.inbound import Media
from messaging.providers.twilio import BadForm, parse

BASE = {"MessageSid": "SM1", "From": "+12025550101", "To": "+254711000000", "Body": "hello"}
LONG = "The clinic in block four was closed again and my child has a high fever since two days, what can I do"

ACCEPTED = [
    ("sms", {}, {"channel": "sms", "address": "+12025550101", "recipient": "+254711000000", "text": "hello"}),
    ("number with spaces", {"From": "+1 (202) 555-0101"}, {"address": "+12025550101"}),
    ("plus sign lost in the query", {"From": " 12025550101"}, {"address": "12025550101"}),
    ("short code", {"From": "40404"}, {"address": "40404"}),
    ("alphanumeric sender", {"From": "MPESA"}, {"address": "MPESA"}),
    ("whatsapp", {"From": "whatsapp:+12025550101", "To": "whatsapp:+254711000000"},
     {"channel": "whatsapp", "address": "+12025550101", "recipient": "+254711000000"}),
    ("whatsapp business-scoped id", {"From": "whatsapp:US.13491208655302741918"}, {"address": "US.13491208655302741918"}),
    ("whatsapp with an external id only", {"From": "whatsapp:", "ExternalUserId": "US.1349"}, {"address": "US.1349"}),
    ("profile name is not kept", {"ProfileName": "Amina"}, {"text": "hello"}),
    ("media without text", {"Body": "", "NumMedia": "1", "MediaUrl0": "https://api.twilio.com/m", "MediaContentType0": "audio/ogg"},
     {"text": "", "media": (Media("https://api.twilio.com/m", "audio/ogg"),)}),
    ("media promised but missing", {"NumMedia": "2"}, {"media": ()}),
    ("a wild number of media", {"NumMedia": "-5"}, {"media": ()}),
    ("no number of media", {"NumMedia": "many"}, {"media": ()}),
    ("base64 of a long SMS sent on as MMS", {"Body": base64.b64encode(LONG.encode()).decode(), "NumMedia": "0"}, {"text": LONG}),
    ("base64 of Arabic", {"Body": base64.b64encode("أحتاج إلى طبيب لابني المريض من فضلكم".encode()).decode()},
     {"text": "أحتاج إلى طبيب لابني المريض من فضلكم"}),
    ("a long word is not base64", {"Body": "Donaudampfschifffahrtsgesellschaft"}, {"text": "Donaudampfschifffahrtsgesellschaft"}),
    ("whatsapp button", {"ButtonText": "Yes", "ButtonPayload": "1", "Body": "Yes"}, {"text": "1"}),
    ("whatsapp button without payload", {"ButtonText": "Yes"}, {"text": "Yes"}),
    ("location", {"Body": "", "Latitude": "-1.2921", "Longitude": "36.8219"}, {"location": (-1.2921, 36.8219)}),
    ("impossible location", {"Latitude": "100", "Longitude": "x"}, {"location": None}),
    ("opt-out answered by Twilio", {"Body": "STOP", "OptOutType": "STOP"}, {"opt_out_type": "STOP"}),
    ("older id field", {"MessageSid": "", "SmsMessageSid": "SM9"}, {"provider_sid": "SM9"}),
    ("very long text is kept to a limit", {"Body": "x" * 50_000}, {"text": "x" * 10_000}),
]  # fmt: skip

REFUSED = [
    ("no MessageSid", {"MessageSid": ""}),
    ("a MessageSid with odd characters", {"MessageSid": "SM1\x00'"}),
    ("no From", {"From": ""}),
    ("no To", {"To": ""}),
    ("an endless From", {"From": "x" * 500}),
]


@pytest.mark.parametrize(("change", "expected"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_a_form_becomes_an_inbound(change: dict[str, str], expected: dict[str, object]) -> None:
    inbound = parse({**BASE, **change})
    assert {key: getattr(inbound, key) for key in expected} == expected
    assert "Amina" not in repr(inbound)


@pytest.mark.parametrize("change", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_form_that_cannot_be_answered_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(BadForm):
        parse({**BASE, **change})
