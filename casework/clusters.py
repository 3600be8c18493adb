"""Feedback that tells the same thing stands together: three hundred voices, not three hundred alarms.

A new feedback joins the group that it is most like, or begins one; now and then the recent ones are grouped anew, all
at once, which finds what a first guess in the order of arrival cannot. A group goes on where most of it stays together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from casework.models import Cluster, Feedback
from store.database import now, reading, transaction

Vector = npt.NDArray[np.float32]

JOINS, BONUS = 0.35, 0.1
"""Mean likeness (cosine) to a group from which a feedback joins it; less, by this much, for one ten times as large."""
ALIKE = 0.2
"""Mean likeness between two groups from which they are one, when all are grouped at once (docs/feedback.md)."""
LARGE, NEIGHBOURS, OF_THEM, NEAR = 20, 10, 7, 0.35
"""What stands alone joins a large group if so many of its nearest neighbours are in it and are near in the mean."""
RECENT = timedelta(days=7)
MOST = 3000


def join(session: Session, feedback: Feedback, meaning: Vector) -> Cluster:
    """Put the feedback into a group, in the caller's transaction. `meaning`: shape (n,), length 1."""
    at = now()
    active = session.scalars(
        select(Cluster)
        .where(Cluster.last_at > at - RECENT, Cluster.centroid.is_not(None))
        .order_by(Cluster.last_at.desc())
        .limit(MOST)
    ).all()
    group = _likest(list(active), meaning)
    if group is None:
        group = Cluster(
            first_reference=feedback.reference, topic=feedback.topic, size=0, voices=0, told_at_voices=0, first_at=at
        )
        session.add(group)
        mean = np.zeros_like(meaning)
    else:
        mean = _unpacked(group.centroid)
    group.centroid = _packed((mean * group.size + meaning) / (group.size + 1))
    group.last_at = at
    session.flush()
    group.voices += 0 if _has_voice(session, group, feedback) else 1
    group.size += 1
    feedback.cluster_id, feedback.likeness = group.id, _packed(meaning)
    session.flush()
    return group


def leave(session: Session, feedback: Feedback) -> None:
    """Take the feedback out of its group for good; an empty group goes."""
    group = session.get(Cluster, feedback.cluster_id) if feedback.cluster_id else None
    feedback.cluster_id = feedback.likeness = None
    session.flush()
    if group is not None:
        recentre(session, group)
        _count(session, group)


def recentre(session: Session, group: Cluster) -> None:
    """The mean of those whose words are still kept; None where there are none: it would be somebody's words."""
    kept = session.scalars(
        select(Feedback.likeness).where(Feedback.cluster_id == group.id, Feedback.likeness.is_not(None)).limit(MOST)
    ).all()
    group.centroid = _packed(np.stack([_unpacked(one) for one in kept]).mean(0)) if kept else None
    session.flush()


def regroup() -> int:
    """Group the recent feedback anew. Returns how many groups of several there are."""
    with reading() as session:
        recent = session.execute(
            select(Feedback.id, Feedback.cluster_id, Feedback.likeness)
            .where(Feedback.created_at > now() - RECENT, Feedback.likeness.is_not(None))
            .order_by(Feedback.id.desc())
            .limit(MOST)
        ).all()
    if len(recent) < 2:
        return 0
    vectors = np.stack([_unpacked(likeness) for _, _, likeness in recent])
    labels = grouped(vectors)
    before = [cluster_id for _, cluster_id, _ in recent]
    touched = {number for number in before if number is not None}
    with transaction() as session:  # SQLite has one writer: it waits for the writing only, not for the grouping
        for label, cluster_id in _kept_ids(labels, before).items():
            rows = np.flatnonzero(labels == label)
            members = [recent[row][0] for row in rows]
            group = session.get(Cluster, cluster_id) if cluster_id is not None else None
            if group is None:
                group = _new_group(session, members)
            _move(session, group, members)
            group.centroid = _packed(vectors[rows].mean(0))
            touched.add(group.id)
        for group in session.scalars(select(Cluster).where(Cluster.id.in_(touched))).all():
            _count(session, group)
        return sum(size > 1 for size in Counter(labels).values())


def grouped(vectors: Vector) -> npt.NDArray[np.int32]:
    """A group's number for each row of (n, d): average linkage, then the vote of neighbours for what is left over.

    A message far from the mean of a large group, in a dialect or with one detail more, has its like inside it.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    first: npt.NDArray[np.int32] = fcluster(linkage(vectors, "average", "cosine"), 1 - ALIKE, "distance")
    size = Counter(first.tolist())
    found, likeness = first.copy(), vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    for row in np.flatnonzero([size[label] < LARGE for label in first.tolist()]):
        nearest = np.argsort(-likeness[row])[:NEIGHBOURS]
        label, votes = Counter(first[nearest].tolist()).most_common(1)[0]
        near = likeness[row][nearest[first[nearest] == label]].mean()
        if size[label] >= LARGE and votes >= OF_THEM and near >= NEAR:
            found[row] = label
    return found


def _kept_ids(labels: npt.NDArray[np.int32], before: list[int | None]) -> dict[int, int | None]:
    """For each new group the old one of which it holds most; every old one goes on in one new group only."""
    shared = Counter((int(label), old) for label, old in zip(labels, before, strict=True) if old is not None)
    found: dict[int, int | None] = {int(label): None for label in labels}
    used: set[int] = set()
    for (label, old), _ in shared.most_common():
        if found[label] is None and old not in used:
            found[label] = old
            used.add(old)
    return found


def _new_group(session: Session, members: list[int]) -> Cluster:
    first = session.get(Feedback, min(members))
    code, topic = (first.reference, first.topic) if first else ("-", None)  # gone meanwhile: `_count` names another
    group = Cluster(first_reference=code, topic=topic, size=0, voices=0, told_at_voices=0)
    session.add(group)
    session.flush()
    return group


def _move(session: Session, group: Cluster, members: Iterable[int]) -> None:
    for feedback in session.scalars(
        select(Feedback).where(
            Feedback.id.in_(members),
            Feedback.cluster_id.is_distinct_from(group.id),
            Feedback.likeness.is_not(None),  # not set apart or forgotten meanwhile
        )
    ):
        feedback.cluster_id = group.id
    session.flush()


def _count(session: Session, group: Cluster) -> None:
    """Set size and voices anew; whose contact is forgotten was a voice each."""
    of_group = Feedback.cluster_id == group.id
    group.size = session.scalar(select(func.count()).where(of_group)) or 0
    known = session.scalar(select(func.count(distinct(Feedback.contact_id))).where(of_group)) or 0
    forgotten = session.scalar(select(func.count()).where(of_group, Feedback.contact_id.is_(None))) or 0
    group.voices = known + forgotten
    oldest = session.scalars(select(Feedback.reference).where(of_group).order_by(Feedback.id).limit(1)).first()
    if oldest is None:
        session.delete(group)
    else:
        group.first_reference = oldest
    session.flush()


def _has_voice(session: Session, group: Cluster, feedback: Feedback) -> bool:
    """True if another feedback of the same person is in the group."""
    others = select(Feedback.id).where(
        Feedback.cluster_id == group.id, Feedback.contact_id == feedback.contact_id, Feedback.id != feedback.id
    )
    return session.scalar(others.limit(1)) is not None


def _likest(active: list[Cluster], meaning: Vector) -> Cluster | None:
    if not active:
        return None
    means = np.stack([_unpacked(group.centroid) for group in active])
    sizes = np.array([max(group.size, 1) for group in active])
    alike = means @ meaning + BONUS * np.log10(sizes)
    best = int(np.argmax(alike))
    return active[best] if alike[best] >= JOINS else None


def _packed(vector: Vector) -> bytes:
    return vector.astype(np.float16).tobytes()


def _unpacked(stored: bytes | None) -> Vector:
    return np.frombuffer(stored or b"", dtype=np.float16).astype(np.float32)
