from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.feedback.rating import LATEST_RATINGS, NO_RATINGS, Rating, Tally, Thumb
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports.store import Store
from bot.services.retention import Housekeeping
from tests.storage.making import DAY, NOW, a_channel, a_paper, ingest

OWLS, LARKS = a_paper("2502.00001", "Owls"), a_paper("2502.00002", "Larks")
DOI = PaperId.from_text("10.1101/x")


def rating(paper: Paper, user: str, thumb: Thumb = Thumb.UP, hours: int = 0) -> Rating:
    return Rating(paper, user, thumb, NOW + timedelta(hours=hours))


def given(store: Store, channel: int) -> list[tuple[str, str, int]]:
    with store.begin() as tx:
        found = tx.ratings.latest_ratings([channel]).get(channel, ())
    return [(one.paper.id.value, one.user, int(one.thumb)) for one in found]


def test_a_person_has_one_word_on_a_paper_of_a_channel(store: Store) -> None:
    here, there = a_channel(store).id, a_channel(store, "there").id
    with store.begin() as tx:
        assert tx.ratings.count_ratings(here) == NO_RATINGS
        assert tx.ratings.latest_ratings([here, there]) == {}
        assert tx.ratings.give_rating(here, rating(OWLS, "ada")) is None
        assert tx.ratings.give_rating(here, rating(LARKS, "ada", hours=1)) is None
        assert tx.ratings.give_rating(here, rating(OWLS, "bob", Thumb.DOWN, 2)) is None
        assert tx.ratings.give_rating(here, rating(OWLS, "ada", Thumb.DOWN, 3)) is Thumb.UP
        tx.ratings.give_rating(there, rating(LARKS, "eve"))
        assert tx.ratings.count_ratings(here) == Tally(3, 2)
        assert tx.ratings.latest_ratings([here, there])[here][0] == rating(LARKS, "ada", hours=1)

    assert given(store, here) == [
        ("2502.00002", "ada", 1),
        ("2502.00001", "bob", -1),
        ("2502.00001", "ada", -1),
    ]
    assert given(store, there) == [("2502.00002", "eve", 1)]


def test_ratings_are_taken_back(store: Store) -> None:
    here, there = a_channel(store).id, a_channel(store, "there").id
    with store.begin() as tx:
        for channel in (here, there):
            for user in ("ada", "bob"):
                for paper in (OWLS, LARKS):
                    tx.ratings.give_rating(channel, rating(paper, user))
        assert tx.ratings.take_back(here, "ada", [DOI, OWLS.id]) == 1
        assert tx.ratings.take_back(here, "ada", []) == 0
        assert tx.ratings.take_back(here, "ada") == 1
        assert tx.ratings.count_ratings(here) == Tally(2, 1)
        assert tx.ratings.clear_ratings(here) == 2
        assert tx.ratings.clear_ratings(here) == 0
        assert tx.ratings.count_ratings(there) == Tally(4, 2)


def test_the_latest_ratings_of_each_channel_count(store: Store) -> None:
    here, there = a_channel(store).id, a_channel(store, "there").id
    papers = [a_paper(f"2503.{number:05}") for number in range(LATEST_RATINGS + 2)]
    with store.begin() as tx:
        for number, paper in enumerate(papers):
            tx.ratings.give_rating(here, rating(paper, "ada", hours=-number))
        tx.ratings.give_rating(there, rating(OWLS, "ada"))

    assert [name for name, _, _ in given(store, here)] == [
        paper.id.value for paper in papers[LATEST_RATINGS - 1 :: -1]
    ]
    assert len(given(store, there)) == 1


def test_what_becomes_one_work_is_rated_as_one(store: Store) -> None:
    channel = a_channel(store).id
    preprint, article = OWLS, replace(OWLS, id=DOI, title="Owls, revised")
    ingest(store, preprint, article)
    with store.begin() as tx:
        tx.ratings.give_rating(channel, rating(preprint, "ada"))
        tx.ratings.give_rating(channel, rating(article, "bob", Thumb.DOWN, 1))
        tx.ratings.give_rating(channel, rating(article, "ada", Thumb.DOWN, 2))
        assert tx.ratings.count_ratings(channel) == Tally(3, 2)

    ingest(store, replace(preprint, aliases=(DOI,)), source="later")
    assert given(store, channel) == [("2502.00001", "bob", -1), ("2502.00001", "ada", -1)]
    with store.begin() as tx:
        assert tx.ratings.count_ratings(channel) == Tally(2, 2)
        hit = tx.papers.get(DOI)
        assert hit is not None
        assert tx.ratings.give_rating(channel, rating(hit.paper, "ada", hours=3)) is Thumb.DOWN
    assert given(store, channel) == [("2502.00001", "bob", -1), ("2502.00001", "ada", 1)]


def test_a_rated_paper_that_goes_stays_rated(store: Store) -> None:
    channel = a_channel(store).id
    ingest(store, OWLS, day=DAY - timedelta(days=100))
    with store.begin() as tx:
        tx.ratings.give_rating(channel, rating(OWLS, "ada"))
    Housekeeping(store, 0, 90).remove_old(NOW)

    with store.begin() as tx:
        assert tx.papers.get(OWLS.id) is None
        assert tx.ratings.latest_ratings([channel])[channel] == [rating(OWLS, "ada")]
