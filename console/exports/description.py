"""The description of the interface for tools, as OpenAPI 3.1: of the same parameters that read the requests."""

from functools import lru_cache
from typing import Any

from apispec import APISpec

from casework import states
from casework.filters import CHANNELS
from console.dashboards.lens import SMALL
from console.exports.parameters import CODE, Parameter, day, given_out, named, one_of, whole, yes_or_no
from runtime import taxonomy
from runtime.settings import settings

SAME = ("topic", "place", "language", "channel", "state", "label", "since", "until")
"""Parameters that filter by what casework calls the same."""
WORDS = yes_or_no("words", "With what people wrote, numbers and addresses replaced. Needs a key for words.")
_TYPE = one_of("type", "Only feedback that has this type.", taxonomy.feedback_types())
_PLACE = named("place", "Only of this place, as the directory names it.")
_SINCE = day("since", "First day, in the time zone of the service.")
_UNTIL = day("until", "Last day, itself included.")
FEEDBACK: tuple[Parameter, ...] = (
    _TYPE,
    one_of("topic", "Only of this topic.", tuple(taxonomy.topics())),
    _PLACE,
    one_of("language", "Only in this language.", tuple(taxonomy.languages())),
    one_of("channel", "Only from this channel.", CHANNELS),
    one_of("state", "Only in this state; open: somebody still has to act.", ("all", "open", *states.MOVES), "all"),
    named("label", "Only with this label."),
    _SINCE,
    _UNTIL,
    WORDS,
    whole("limit", "How many at most.", 1, 500, 100),
    given_out("before", "`next` of the page before: the page after it."),
)
ONE = (WORDS,)
FIGURES: tuple[Parameter, ...] = (
    one_of("by", "A number for each day or each month.", ("day", "month"), "month"),
    one_of("of", "What is counted.", ("all", "type", "topic", "place", "language", "channel", "state"), "all"),
    _PLACE,
    _SINCE,
    _UNTIL,
)
_TIME = {"type": "string", "format": "date-time"}
_MAYBE_TIME = {"type": ["string", "null"], "format": "date-time"}
_TEXT = {"type": ["string", "null"]}
_RESPONSES = {
    "400": "Parameter",
    "401": "NoKey",
    "403": "OtherKey",
    "429": "TooOften",
    "503": "NotReady",
}


def made() -> dict[str, Any]:
    """The description, with this deployment's address."""
    return {**_made(), "servers": [{"url": settings().origin}]}


@lru_cache(maxsize=1)
def _made() -> dict[str, Any]:
    told = (
        "Reads feedback and figures. Nothing can be changed, and nothing leads to a person: no number, no name. "
        "Keys are made at /console/keys. A key asks at most 120 times a minute."
    )
    spec = APISpec("Sawti", "1", "3.1.0", info={"description": told}, security=[{"key": []}])
    spec.components.security_scheme(
        "key", {"type": "http", "scheme": "bearer", "description": "A key of /console/keys."}
    )
    for name, schema in (
        ("Feedback", _feedback()),
        ("Page", _page()),
        ("Figures", _figures()),
        ("Problem", _problem()),
    ):
        spec.components.schema(name, schema)
    for name, about in (
        ("Parameter", "A parameter is unknown, is there twice, or makes no sense."),
        ("NoKey", "No key, or one that does not work."),
        ("OtherKey", "The key opens other things."),
        ("Nothing", "There is nothing of this name."),
        ("TooOften", "The key asked too often."),
        ("NotReady", "The service is not ready; try again in a minute."),
    ):
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        spec.components.response(name, {"description": about, "content": problem})
    spec.path(
        "/console/api/v1/feedback",
        operations={"get": _get("listFeedback", "Feedback, newest first.", "Page", FEEDBACK, True)},
    )
    code = {"name": "code", "in": "path", "required": True, "schema": {"type": "string", "pattern": CODE}}
    spec.path(
        "/console/api/v1/feedback/{code}",
        operations={"get": _get("oneFeedback", "One feedback.", "Feedback", ONE, True, code)},
    )
    spec.path(
        "/console/api/v1/figures",
        operations={"get": _get("figures", "Numbers of feedback by day or month.", "Figures", FIGURES, False)},
    )
    return spec.to_dict()


def _get(
    name: str, told: str, schema: str, parameters: tuple[Parameter, ...], may_miss: bool, *path: dict[str, Any]
) -> dict[str, Any]:
    answer = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    refused = {status: {"$ref": f"#/components/responses/{what}"} for status, what in _RESPONSES.items()}
    missing = {"404": {"$ref": "#/components/responses/Nothing"}} if may_miss else {}
    return {
        "operationId": name,
        "summary": told,
        "parameters": [*path, *(parameter.described for parameter in parameters)],
        "responses": {"200": {"description": told, "content": answer}, **refused, **missing},
    }


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _feedback() -> dict[str, Any]:
    return _object(
        {
            "code": {"type": "string", "pattern": CODE, "description": "Its reference: the only name it has."},
            "created": _TIME,
            "types": {"type": "array", "items": {"enum": list(taxonomy.feedback_types())}, "minItems": 1},
            "topic": {**_TEXT, "description": "One of the topics of the parameter; null: not known."},
            "place": _TEXT,
            "language": _TEXT,
            "channel": {"type": "string"},
            "state": {"enum": list(states.MOVES)},
            "resolution": {"enum": [*states.RESOLUTIONS, None]},
            "mark": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": 5,
                "description": "Did it help? 5: very much.",
            },
            "labels": {"type": "array", "items": {"type": "string"}},
            "days_to_answer": {"type": ["number", "null"], "description": "From its coming to the last answer."},
            "acknowledged": _MAYBE_TIME,
            "answered": _MAYBE_TIME,
            "closed": _MAYBE_TIME,
            "voices": {"type": "integer", "minimum": 0, "description": "How many people tell the same."},
            "sample": {"type": "boolean", "description": "Made up for a demonstration."},
            "words": {**_TEXT, "description": "Only with words=true. null: deleted, or not for other tools."},
        },
        optional=("words",),
    )


def _page() -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": "#/components/schemas/Feedback"}, "maxItems": 500}
    following = {"type": ["string", "null"], "description": "For `before` of the next request; null: that was all."}
    return _object({"feedback": items, "next": following})


def _figures() -> dict[str, Any]:
    few = f"With a key for figures only: to the nearest {SMALL}, and fewer than {SMALL} are left out."
    figure = _object(
        {
            "period": {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$"},
            "value": {**_TEXT, "description": "null: not known, or all."},
            "count": {"type": "integer", "minimum": 0, "description": few},
        }
    )
    return _object(
        {
            "by": {"enum": ["day", "month"]},
            "of": {"type": "string"},
            "place": _TEXT,
            "since": {
                "type": "string",
                "format": "date",
                "description": "May differ from what was asked.",
            },
            "until": {"type": "string", "format": "date"},
            "counted_at": {**_MAYBE_TIME, "description": "Numbers are made anew every few minutes."},
            "figures": {"type": "array", "items": figure},
        }
    )


def _problem() -> dict[str, Any]:
    return _object(
        {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "parameter": {"type": "string"},
        },
        optional=("parameter",),
    )
