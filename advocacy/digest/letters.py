"""What a letter says just before it leaves, and what it would say to somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.digest.calendar import monday_of
from advocacy.digest.candidates import candidates, candidates_of, readers
from advocacy.digest.choosing import (
    Candidate,
    Chosen,
    Reader,
    Story,
    choose,
    stories_for,
)
from advocacy.digest.letter_links import LetterLink, leave_token, letter_token
from advocacy.digest.letterhead import Letterhead
from advocacy.digest.models import (
    LEFT_THE_COMPANY,
    LEFT_THE_DIGEST,
    NOTHING_LEFT,
    Edition,
    Letter,
    LetterItem,
    LetterState,
)
from advocacy.digest.rendering import (
    LetterStory,
    LetterValues,
    Rendered,
    Thanks,
    render,
)
from advocacy.offers.audience import language_for
from advocacy.outbound.message import Mailbox
from advocacy.people.models import Employee
from advocacy.queue.models import Topic

LINKS_WORK_FOR = timedelta(days=35)  # from the Monday of the letter's week


@dataclass(frozen=True)
class _Line:
    """An item that a letter was planned to carry."""

    chosen: Chosen
    topic: str


def letter_values(
    session: Session, letter_ids: Collection[int], *, now: datetime, head: Letterhead
) -> dict[int, LetterValues | str]:
    """Say what some letters carry now, or in words why one should not leave.

    The items were frozen when the edition was planned; here those are taken out that
    may not be offered any more, or that the reader shared or set aside meanwhile.
    """
    rows = session.execute(
        select(Letter, Edition, Employee)
        .join(Edition, Edition.id == Letter.edition_id)
        .outerjoin(Employee, Employee.id == Letter.employee_id)
        .where(Letter.id.in_(letter_ids))
    ).all()
    lines = _lines(session, letter_ids)
    items = {line.chosen.item_id for part in lines.values() for line in part}
    thanked = {edition.story_item_id or 0 for _, edition, _ in rows}
    known = candidates_of(session, items | thanked)
    people: dict[int, dict[int, str]] = defaultdict(dict)
    for _, edition, employee in rows:
        if employee is not None:
            people[edition.id][employee.id] = employee.language
    facts = {
        edition_id: readers(session, part, item_ids=items, edition_id=edition_id)
        for edition_id, part in people.items()
    }
    values: dict[int, LetterValues | str] = {}
    for letter, edition, employee in rows:
        if employee is None or employee.left_at is not None:
            values[letter.id] = LEFT_THE_COMPANY
        elif not employee.wants_digest:
            values[letter.id] = LEFT_THE_DIGEST
        else:
            reader = facts[edition.id][employee.id]
            stories = _stories(lines[letter.id], known, reader, now=now)
            values[letter.id] = (
                _values(letter.id, edition, employee, stories, known=known, head=head)
                if stories
                else NOTHING_LEFT
            )
    return values


def preview(
    session: Session, employee: Employee, week: str, *, now: datetime, head: Letterhead
) -> Rendered | None:
    """Show what a person gets in a week, or would get if it were planned now.

    The same path as a letter that leaves; only its links lead nowhere. None if there
    is nothing for this person.

    Raises:
        Invalid: There is no such week.
    """
    monday_of(week)
    edition = session.scalar(select(Edition).where(Edition.week == week))
    letter = edition and session.scalar(
        select(Letter).where(
            Letter.edition_id == edition.id,
            Letter.employee_id == employee.id,
            Letter.state != LetterState.SKIPPED,
        )
    )
    lines: Sequence[_Line]
    if letter is not None:
        lines = _lines(session, [letter.id])[letter.id]
        known = candidates_of(session, [line.chosen.item_id for line in lines])
    else:
        found = candidates(session, now=now)
        known = {item.item_id: item for item in found}
        lines = []
    reader = readers(
        session,
        {employee.id: employee.language},
        item_ids=list(known),
        edition_id=edition.id if edition else None,
    )[employee.id]
    if letter is None:
        offered = stories_for(
            known.values(), groups=reader.groups, language=reader.language, at=now
        )
        chosen = choose(offered, reader, at=now, limit=head.items_max)
        names = _topic_names(session, {story.topic_id for story in chosen})
        lines = [_Line(story, names.get(story.topic_id, "")) for story in chosen]
    stories = _stories(lines, known, reader, now=now)
    if not stories:
        return None
    if edition is None:
        edition = Edition(id=0, week=week, opening="", story_item_id=None)
    elif edition.story_item_id is not None:
        known |= candidates_of(session, [edition.story_item_id])
    return render(_values(0, edition, employee, stories, known=known, head=head))


def _lines(
    session: Session, letter_ids: Collection[int]
) -> defaultdict[int, list[_Line]]:
    rows = session.execute(
        select(LetterItem, Topic.name)
        .outerjoin(Topic, Topic.id == LetterItem.topic_id)
        .where(LetterItem.letter_id.in_(letter_ids))
        .order_by(LetterItem.letter_id, LetterItem.position)
    )
    lines: defaultdict[int, list[_Line]] = defaultdict(list)
    for item, topic in rows:
        chosen = Chosen(item.item_id, item.because, item.topic_id)
        lines[item.letter_id].append(_Line(chosen, topic or ""))
    return lines


def _topic_names(
    session: Session, topic_ids: Collection[int | None]
) -> dict[int | None, str]:
    rows = session.execute(
        select(Topic.id, Topic.name).where(Topic.id.in_([i for i in topic_ids if i]))
    )
    return {topic_id: name for topic_id, name in rows}  # noqa: C416 - rows are no pairs for mypy


def _stories(
    lines: Sequence[_Line],
    known: dict[int, Candidate],
    reader: Reader,
    *,
    now: datetime,
) -> list[tuple[_Line, Story]]:
    """Keep what may still be offered to this reader, as it was approved."""
    kept = [
        known[line.chosen.item_id]
        for line in lines
        if line.chosen.item_id in known and line.chosen.item_id not in reader.done
    ]
    offered = {
        story.item.item_id: story
        for story in stories_for(
            kept, groups=reader.groups, language=reader.language, at=now
        )
    }
    return [
        (line, offered[line.chosen.item_id])
        for line in lines
        if line.chosen.item_id in offered
    ]


def _values(
    letter_id: int,
    edition: Edition,
    employee: Employee,
    stories: Sequence[tuple[_Line, Story]],
    *,
    known: dict[int, Candidate],
    head: Letterhead,
) -> LetterValues:
    until = datetime.combine(monday_of(edition.week), time(), UTC) + LINKS_WORK_FOR
    leave = leave_token(letter_id, secret=head.secret)

    def link(item_id: int) -> str:
        """Give the address at which this reader can share an item."""
        token = letter_token(
            LetterLink(letter_id, item_id), until=until, secret=head.secret
        )
        return f"{head.base_url}/m/{token}"

    return LetterValues(
        message_id=f"<{edition.id}.{letter_id}@{head.domain}>",
        to=Mailbox(employee.name, employee.email),
        sender=head.sender,
        organisation=head.organisation,
        language=employee.language,
        week=edition.week,
        opening=edition.opening,
        stories=tuple(
            LetterStory(
                title=story.post.title,
                summary=story.post.summary,
                language=story.post.language,
                image_url=story.post.image_url,
                url=link(story.item.item_id),
                because=line.chosen.because,
                topic=line.topic,
            )
            for line, story in stories
        ),
        leave_url=f"{head.base_url}/m/leave/{leave}",
        settings_url=f"{head.base_url}/preferences",
        home_url=f"{head.base_url}/",
        list_domain=head.domain,
        thanks=_thanks(edition, known, employee.language),
    )


def _thanks(
    edition: Edition, known: dict[int, Candidate], language: str
) -> Thanks | None:
    """Thank for last week's best story, in words that the reader reads."""
    best = known.get(edition.story_item_id or 0)
    if best is None or not best.posts:
        return None
    spoken = language_for({post.language for post in best.posts}, [language])
    title = next(post.title for post in best.posts if post.language == spoken)
    return Thanks(title, edition.story_people, edition.story_clicks)
