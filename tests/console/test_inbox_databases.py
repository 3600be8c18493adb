"""What the list asks of the database, in either."""

from datetime import timedelta

from sqlalchemy import update

from casework import answering, staff, views
from casework.models import Cluster, Feedback
from console.inbox import among, choices, groups, narrowing
from messaging.models import Contact
from store.database import now, reading, transaction
from tests.casework import conftest as phones
from tests.casework.conftest import Give

give = phones.give
"""The fixture of casework's tests."""


def test_places_and_labels_that_occur(give: Give) -> None:
    choices._labels.cache_clear()
    with reading() as session:
        assert choices.places(session) == []
    for place in ("Riverside", None, "مخيم", "Airport", "Riverside", "Éfeso"):
        code = give("the tap is dry", place=place)
    answering.label(code, ["tank 4", 'a "quoted" one'], [], "cleo")
    choices._labels.cache_clear()
    with reading() as session:
        assert choices.places(session) == ["Airport", "Riverside", "Éfeso", "مخيم"]
    assert choices.labels() == ['a "quoted" one', "tank 4"]


def test_groups_that_grow_and_the_largest(give: Give) -> None:
    codes = [give("the tap is dry", phone=f"+2547220000{number:02}") for number in range(12)]
    with transaction() as session:
        session.add(Cluster(id=7, first_reference=codes[0], topic="food", voices=9, size=9))
        session.add(Cluster(id=8, first_reference=codes[9], voices=3, size=3))
        for number, code in enumerate(codes):
            values = {"cluster_id": 7 if number < 9 else 8, "created_at": now() - timedelta(days=number % 2 * 9)}
            session.execute(update(Feedback).where(Feedback.reference == code).values(values))
        session.execute(update(Feedback).where(Feedback.reference.in_(codes[9:])).values(created_at=now()))
    with reading() as session:
        assert [(one.id, one.voices) for one in groups.largest(session)] == [(7, 9), (8, 3)]
        grown = [(one.id, one.recent, one.earlier, one.types) for one in groups.rising(session, 7)]
    assert grown == [(8, 3, 0, ("complaint",)), (7, 5, 4, ("complaint",))]


def test_live_and_grouped_feedback_is_narrowed_too(give: Give) -> None:
    asks, tells = give("hello?", kind="question"), give("no rice", phone="+254722000002")
    with transaction() as session:
        session.execute(update(Contact).values(with_people_until=now() + timedelta(minutes=5)))
        session.execute(update(Feedback).values(cluster_id=7))

    def found(**asked: str) -> list[str]:
        wanted = narrowing.of(asked, "cleo")
        with reading() as session:
            page, number = among.look(session, wanted, None, 50, 99)
            assert among.count(session, wanted, 99) == number == len(page.rows)
            return [row.reference for row in page.rows]

    assert found(live="1") == [asks] and found(group="7") == [tells, asks]
    assert found(group="7", type="complaint") == [tells] and found(group="7", live="1", q="rice") == []
    assert found(group="9223372036854775807") == []


def test_views_are_kept_as_ciphertext(database: str) -> None:
    with transaction() as session:
        cleo = staff.add(session, "test", "cleo", "Cleo", ["engagement"]).id
        number = views.save(session, cleo, "Taps", {"q": "dry tap"}, shared=False)
    with reading() as session:
        kept = session.connection().exec_driver_sql("select filters from saved_views").scalar_one()
        assert b"dry tap" not in bytes(kept)
        assert [(one.id, one.parameters) for one in views.known_to(session, cleo)] == [(number, {"q": "dry tap"})]
        assert views.known_to(session, cleo + 1) == []
