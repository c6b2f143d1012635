"""The picture shows the sound in its moods."""

from __future__ import annotations

import io

import av
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.audio.master import Contour
from pipeline.audio.picture import BARS, HEIGHT, WIDTH, Pixels, Stretch, picture
from tests.pipeline.audio.making import music

GOLD, RED, BLUE = "#fac854", "#e2483c", "#5484d6"


def seen(png: bytes) -> Pixels:
    with av.open(io.BytesIO(png), "r") as file:
        return np.asarray(next(file.decode(video=0)).to_ndarray(format="rgb24"))


@pytest.mark.parametrize("size", [1, 777, 100_000])
def test_a_contour_is_the_same_in_blocks_of_any_size(size: int) -> None:
    sound = music(0.2) * np.linspace(0, 1, 9_600, dtype=np.float32)[:, None]
    whole, parts = Contour(len(sound), 32), Contour(len(sound), 32)
    whole.add(sound)
    for at in range(0, len(sound), size):
        parts.add(sound[at : at + size])
    assert np.allclose(whole.heights, parts.heights)
    assert whole.heights[-1] > 4 * whole.heights[2]


def test_it_is_a_true_png_of_the_promised_size() -> None:
    pixels = seen(picture(np.linspace(0, 1, BARS), [Stretch(0.0, GOLD)]))
    assert pixels.shape == (HEIGHT, WIDTH, 3)


def test_loud_places_stand_higher_than_quiet_ones() -> None:
    pixels = seen(picture(np.linspace(0, 1, BARS), [Stretch(0.0, GOLD)])).astype(int)
    lit = (pixels.sum(axis=2) > 350).sum(axis=0)
    assert lit[WIDTH * 3 // 4 : WIDTH * 7 // 8].max() > 2 * lit[WIDTH // 8 : WIDTH // 4].max()


def test_moods_follow_each_other_from_left_to_right() -> None:
    moods = [Stretch(0.0, RED), Stretch(0.5, BLUE)]
    pixels = seen(picture(np.ones(BARS), moods)).astype(int)
    left, right = pixels[250:330, 100:300], pixels[250:330, 900:1_100]
    assert left[..., 0].max() > left[..., 2].max() + 50
    assert right[..., 2].max() > right[..., 0].max() + 50


@pytest.mark.parametrize("heights", [np.zeros(BARS), np.ones(1), np.ones(5_000)])
def test_silence_one_moment_and_an_hour_have_a_picture(heights: npt.NDArray[np.float64]) -> None:
    assert seen(picture(heights, [])).shape == (HEIGHT, WIDTH, 3)


def test_it_is_small_enough_to_send() -> None:
    heights = np.random.default_rng(1).random(BARS)
    assert len(picture(heights, [Stretch(at / 3, colour) for at, colour in enumerate((GOLD, RED, BLUE))])) < 200_000
