"""The hero's motif."""

from __future__ import annotations

from itertools import pairwise

from pipeline.music.motif import head, motif_of, varied


def test_the_same_hero_has_the_same_motif() -> None:
    assert motif_of("7:Mira") == motif_of("7:Mira")
    assert motif_of("7:Mira") != motif_of("7:Tom")


def test_a_motif_leaps_once_turns_back_and_rests() -> None:
    for seed in range(200):
        degrees, lengths = motif_of(str(seed))
        assert 5 <= len(degrees) == len(lengths) <= 8
        assert degrees[-1] in (0, 2, 4, 7)
        leaps = [place for place, (a, b) in enumerate(pairwise(degrees[:-1])) if abs(b - a) > 2]
        assert len(leaps) <= 1
        for place in leaps:
            if place + 2 < len(degrees) - 1:
                assert (degrees[place + 1] - degrees[place]) * (degrees[place + 2] - degrees[place + 1]) < 0


def test_it_never_comes_twice_alike_in_a_row() -> None:
    for seed in range(100):
        comings = [varied(motif_of(str(seed)), returns) for returns in range(9)]
        assert all(one != other for one, other in pairwise(comings))
        assert comings[0] == comings[4] == motif_of(str(seed))


def test_its_head_fits_where_the_whole_does_not() -> None:
    whole = motif_of("x")
    for room in range(1, 20):
        part = head(whole, room)
        assert part.degrees == whole.degrees[: len(part.degrees)]
        assert sum(part.lengths) <= max(room, whole.lengths[0])


def test_a_thousand_heroes_hardly_share_a_motif() -> None:
    different = len({motif_of(f"{seed}:hero") for seed in range(1_000)})
    assert different >= 990
