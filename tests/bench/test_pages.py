"""What a read costs is what is spent beyond what the same processes spend when nobody reads."""

from bench.pages import Spent


def test_a_read_costs_what_nobody_would_have_spent_without_it() -> None:
    idle = Spent(seconds=10, asked=100, web=0.5, postgres=1.0)
    began = Spent(seconds=1000, asked=7000, web=3.0, postgres=4.0)
    ended = Spent(seconds=1020, asked=7000 + 200 + 6000, web=3.0 + 1.0 + 4.0, postgres=4.0 + 2.0 + 3.0)
    read = ended.since(began).beside(idle, 1000)
    assert read == Spent(seconds=0.02, asked=6.0, web=0.004, postgres=0.003)
    assert read.in_a_cell() == "6.0 queries; web 4000 ms; Postgres 3000 ms"


def test_a_machine_that_was_calmer_meanwhile_makes_no_read_cost_less_than_nothing() -> None:
    idle = Spent(seconds=1, asked=50, web=1.0, postgres=1.0)
    read = Spent(seconds=1, asked=10, web=0.5, postgres=0.5).beside(idle, 10)
    assert (read.asked, read.web, read.postgres) == (0, 0, 0)
