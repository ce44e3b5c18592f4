"""The discriminator has the losses of the papers, learns, and continues where it stopped."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidSetting
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.adversarial import (
    BLURRED,
    KINDS,
    SAMPLINGS,
    STRIDED,
    Discriminator,
    PatchDiscriminator,
)
from srsat_qgis.training.loop.machine import Machine
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up


def images(seed: int, bands: int = 2, side: int = 24) -> torch.Tensor:
    return torch.randn(4, bands, side, side, generator=torch.Generator().manual_seed(seed))


def blurred(image: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.avg_pool2d(image, 3, stride=1, padding=1)


def small(kind: str, **options) -> Discriminator:
    torch.manual_seed(0)
    return Discriminator(2, kind, channels=8, layers=2, **options)


@pytest.mark.parametrize(
    ("layers", "sampling", "detail", "field"),
    [
        (1, STRIDED, 0, 16),
        (2, STRIDED, 0, 34),
        (3, STRIDED, 0, 70),
        (1, BLURRED, 0, 14),
        (2, BLURRED, 0, 32),
        (2, BLURRED, 2.0, 44),
    ],
)
def test_a_judgement_depends_on_as_many_pixels_as_it_says(layers, sampling, detail, field):
    judge = PatchDiscriminator(1, channels=4, layers=layers, sampling=sampling, detail=detail).eval()
    assert judge.field == field
    image = torch.randn(1, 1, 120, 120, requires_grad=True)
    judgements = judge(image)
    middle = judgements.shape[-1] // 2
    judgements[0, 0, middle, middle].backward()
    rows = image.grad[0, 0].abs().sum(dim=1).nonzero().flatten()
    assert int(rows[-1] - rows[0]) + 1 == field


@torch.no_grad()
def test_what_is_judged_by_its_detail_has_no_brightness_and_no_slope():
    torch.manual_seed(0)
    judge = PatchDiscriminator(2, channels=4, layers=1, sampling=BLURRED, detail=2.0).eval()
    image = images(3, side=48)
    ramp = 5 + 0.3 * torch.arange(48.0)
    # Beyond the mirrored edges a slope is none.
    inner = (..., slice(6, -6), slice(6, -6))
    torch.testing.assert_close(judge(image + ramp)[inner], judge(image)[inner], rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_blurred_sampling_lets_less_of_the_finest_stripes_through_to_coarser_grids():
    """Stripes of two pixels become brightness by a stride of two, and vanish by a low-pass before it."""
    stripes = torch.ones(1, 1, 40, 40)
    stripes[..., ::2] = -1
    found = {}
    for sampling in SAMPLINGS:
        torch.manual_seed(0)
        first = PatchDiscriminator(1, channels=64, layers=1, sampling=sampling).eval().judge
        end = 1 if sampling == STRIDED else 3
        answers = [first[:end](sign * stripes)[..., 4:-4, 4:-4] for sign in (1, -1)]
        # A sign, which is where the stripes lie, is all that differs.
        found[sampling] = float((answers[0] - answers[1]).std() / answers[0].std())
    assert found[BLURRED] < 0.2 * found[STRIDED]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_discriminator_learns_to_tell_blurred_images(kind, sampling):
    discriminator = small(kind, rate=2e-3, sampling=sampling)
    losses = [float(discriminator.step(images(step), blurred(images(100 + step)))) for step in range(40)]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


@pytest.mark.parametrize("kind", KINDS)
def test_the_generator_learns_from_it_and_teaches_it_nothing(kind):
    discriminator = small(kind)
    before = {name: value.clone() for name, value in discriminator.network.named_parameters()}
    fake = blurred(images(1)).requires_grad_(True)
    discriminator.generator_loss(images(2), fake).backward()
    assert float(fake.grad.abs().sum()) > 0
    assert all(parameter.grad is None for parameter in discriminator.network.parameters())
    assert all(torch.equal(value, before[name]) for name, value in discriminator.network.named_parameters())
    discriminator.step(images(2), fake)
    assert not all(
        torch.equal(value, before[name]) for name, value in discriminator.network.named_parameters()
    )


class _Given(torch.nn.Module):
    """Judges an image by its first pixel."""

    field = 2

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image[:, :1, :1, :1]


def judged(kind: str) -> tuple[Discriminator, torch.Tensor, torch.Tensor, np.ndarray, np.ndarray]:
    discriminator = small(kind)
    discriminator.network = _Given()
    real, fake = images(1), images(2)
    return discriminator, real, fake, *(x[:, 0, 0, 0].double().numpy() for x in (real, fake))


def test_the_patch_loss_is_least_squares():
    discriminator, real, fake, true, false = judged("patch")
    expected = 0.5 * (np.mean((true - 1) ** 2) + np.mean(false**2))
    assert float(discriminator.loss(real, fake)) == pytest.approx(expected, rel=1e-5)
    assert float(discriminator.generator_loss(real, fake)) == pytest.approx(
        0.5 * np.mean((false - 1) ** 2), rel=1e-5
    )


def test_the_relativistic_loss_compares_with_the_average_of_the_others():
    discriminator, real, fake, true, false = judged("relativistic")

    def odds(x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-x))

    def expected(better: np.ndarray, worse: np.ndarray) -> float:
        ahead = -np.log(odds(better - worse.mean())).mean()
        return (ahead - np.log(1 - odds(worse - better.mean())).mean()) / 2

    assert float(discriminator.loss(real, fake)) == pytest.approx(expected(true, false), rel=1e-5)
    assert float(discriminator.generator_loss(real, fake)) == pytest.approx(expected(false, true), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_discriminator_goes_on_bit_for_bit(kind):
    whole = small(kind)
    for step in range(3):
        whole.step(images(step), images(50 + step))
    saved = {name: value.clone() for name, value in whole.state_dict().items()}
    torch.manual_seed(9)
    other = Discriminator(2, kind, channels=8, layers=2)
    other.load_state_dict(saved)
    for step in range(3, 6):
        losses = [a.step(images(step), images(50 + step)) for a in (whole, other)]
        assert torch.equal(*losses)


def test_the_state_of_another_discriminator_is_refused():
    with pytest.raises(InvalidCheckpoint, match="another discriminator"):
        small("patch").load_state_dict(Discriminator(3, channels=8, layers=2).state_dict())


def test_crops_too_small_to_judge_are_refused():
    with pytest.raises(InvalidSetting, match=r"\(16, 16\) pixels.*expected at least 35, or fewer layers"):
        Discriminator(2).step(images(1, side=16), images(2, side=16))


def test_a_run_whose_crops_cannot_be_judged_is_refused_before_its_first_step(
    store_folder, tmp_path, recipe_values
):
    recipe_values["adversarial"] = {"weight": 0.1, "start_share": 0.5}
    # 48 - 2 * 2 * 2 and, of the source of small patches, 24 - 8.
    with pytest.raises(InvalidSetting, match=r"crops of \(16, 16\) pixels.*expected at least 35"):
        set_up(make_recipe(recipe_values, source="t"), PatchStore(store_folder), tmp_path, Machine())


@pytest.mark.parametrize("length", [{"steps": 8}, {"steps": 0, "minutes": 1.0}])
def test_a_discriminator_begins_at_its_share_of_the_schedule(store_folder, tmp_path, recipe_values, length):
    recipe_values["adversarial"] = {"weight": 0.1, "start_share": 0.5, "channels": 4, "layers": 1}
    recipe_values["schedule"].update(length)
    recipe = make_recipe(recipe_values, source="t")
    trainer = Trainer(set_up(recipe, PatchStore(store_folder), tmp_path, Machine()), lambda _: None)
    judge = trainer.learner._discriminator.network
    before = {name: value.clone() for name, value in judge.named_parameters()}

    def learned() -> bool:
        return any(not torch.equal(value, before[name]) for name, value in judge.named_parameters())

    for step, seconds, begun in ((0, 0.0, False), (3, 29.0, False), (4, 30.0, True)):
        trainer.progress.step, trainer.progress.seconds = step, seconds
        trainer.step()
        assert learned() == begun


@pytest.mark.parametrize("options", [{"kind": "wasserstein"}, {"rate": 0.0}, {"layers": 0}])
def test_options_without_meaning_are_refused(options):
    with pytest.raises(InvalidSetting, match="expected"):
        Discriminator(2, **options)
