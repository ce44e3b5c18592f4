"""Recipes out of a few choices: what goes in and comes out follows from the store's layers."""

from __future__ import annotations

import itertools
import json

import pytest

from srsat_qgis.core.errors import InvalidSetting, InvalidStore
from srsat_qgis.core.fields import to_toml
from srsat_qgis.core.trainer.recipes import LOSSES, NETWORKS, SIZES, Choices, make_recipe, read_store


@pytest.fixture
def store(tmp_path):
    """Writes the manifest of a store; layers are given as name=(ratio, bands)."""

    def _store(*, sizes=(120,), train=10, validation=2, first=None, scale=None, family=None, **layers):
        entries = [
            {
                "name": f"s{number}",
                "size": size,
                "scale": scale,
                **({"family": family} if family else {}),
                "patches": {"train": train, "validation": validation},
                **(
                    {"bands": 4}
                    if not layers
                    else {
                        "layers": [
                            {"name": name, "ratio": ratio, "bands": [{"name": str(b)} for b in range(bands)]}
                            for name, (ratio, bands) in (first if first and not number else layers).items()
                        ]
                    }
                ),
            }
            for number, size in enumerate(sizes)
        ]
        manifest = {"store_version": 1, "sources": entries}
        (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return read_store(tmp_path)

    return _store


def recipe(store, **choices):
    return make_recipe(Choices("mine", **choices), store)


def test_images_alone_are_made_coarser_by_the_scale(store):
    made = recipe(store(), scale=4)
    assert made["inputs"] == {"image": {"layer": "target", "degrade": 4}}
    assert (made["scale"], made["target"]) == (4, {"layer": "target"})
    assert recipe(store())["scale"] == 2


def test_a_store_may_say_the_scale_that_it_was_made_for(store):
    assert recipe(store(scale=4))["scale"] == 4
    assert recipe(store(scale=4), scale=2)["scale"] == 2
    assert recipe(store(scale="x"))["scale"] == 2


def test_pairs_are_used_as_they_are_and_say_the_scale(store):
    made = recipe(store(target=(1, 4), image=(3, 4)))
    assert made["inputs"] == {"image": {"layer": "image", "degrade": 1}}
    assert made["scale"] == 3
    with pytest.raises(InvalidSetting, match="SCALE is 2, but the store's image pairs have 3"):
        recipe(store(target=(1, 4), image=(3, 4)), scale=2)


def test_guides_need_a_network_that_fuses(store):
    layers = {"target": (1, 1), "image": (8, 1), "guide": (1, 3), "guide2": (2, 1)}
    made = recipe(store(**layers), network="dsen2")
    assert list(made["inputs"]) == ["image", "guide", "guide2"]
    assert made["scale"] == 8
    assert made["data"]["crop"] % 8 == made["data"]["small_crop"] % 8 == 0
    with pytest.raises(InvalidSetting, match=r"compact takes one input, the store has 3.*dsen2"):
        recipe(store(**layers), network="compact")
    with pytest.raises(
        InvalidSetting, match=r"dsen2 takes several inputs, the store has 1 \(image\).*compact"
    ):
        recipe(store(), network="dsen2")


def test_data_of_temperatures_make_models_that_sharpen_temperatures(store):
    layers = {"target": (1, 1), "guide": (1, 3)}
    made = recipe(store(family="thermal", scale=4, **layers), network="mrunet")
    assert (made["card"]["family"], made["card"]["nodata"], made["network"]["levels"]) == (
        "thermal",
        "first",
        True,
    )
    made = recipe(store(scale=4, **layers), network="mrunet")
    assert not {"family", "nodata"} & set(made["card"])
    assert made["network"]["levels"] is None


def test_a_model_that_is_trained_further_stays_one_of_its_family(store):
    made = recipe(store(), base="models/landsat-x3", base_scale=3, base_family="landsat")
    assert made["card"]["family"] == "landsat"
    layers = {"target": (1, 1), "guide": (1, 3)}
    made = recipe(store(**layers), base="models/lst-x4", base_scale=4, base_family="thermal")
    assert (made["card"]["family"], made["card"]["nodata"]) == ("thermal", "first")


def test_esrnet_is_compared_on_the_data_of_guided_networks(store):
    """And what was trained from it, by any loss; other networks of one image are refused."""
    facts = store(target=(1, 1), guide=(1, 3), guide2=(1, 1), family="thermal", scale=4)
    for choices in (
        {"network": "esrnet"},
        {"base": "models/my-esrnet", "base_scale": 4, "base_family": "thermal", "base_alone": True},
    ):
        made = recipe(facts, loss="esrgan", **choices)
        assert made["inputs"] == {"image": {"layer": "target", "degrade": 4}}
        assert made["card"]["family"] == "thermal"
    with pytest.raises(InvalidSetting, match="rrdb takes one input, the store has 3"):
        recipe(facts, network="rrdb")


@pytest.mark.parametrize("loss", ["adversarial", "esrgan"])
@pytest.mark.parametrize("scale", [2, 4, 8])
@pytest.mark.parametrize("size", [24, 48, 64, 128])
def test_a_second_network_begins_half_way_and_can_judge_the_crops(store, loss, scale, size):
    made = recipe(store(sizes=(size,)), loss=loss, scale=scale, minutes=3)
    judge, data = made["adversarial"], made["data"]
    assert judge["start_share"] == 0.5
    assert "start_step" not in judge
    # The best weights by PSNR would be those from before.
    assert made["schedule"]["restore_best"] is False
    side = data["crop"] if size >= data["crop"] else data["small_crop"]
    # What a judgement of 1, 2 and 3 layers sees: 16, 34 and 70 pixels.
    assert side - 2 * data["border"] * scale >= (8, 17, 35)[judge["layers"] - 1]
    assert data["border"] >= 1


def test_other_losses_keep_the_best_weights_and_their_border(store):
    made = recipe(store(sizes=(64,)), scale=8)
    assert made["adversarial"] is None
    assert made["schedule"]["restore_best"] is None
    assert made["data"]["border"] == 3


def test_patches_that_leave_a_second_network_nothing_to_judge_are_told(store):
    with pytest.raises(InvalidStore, match="crops of 6 pixels to the second network, expected at least 8"):
        recipe(store(sizes=(10,)), loss="esrgan", scale=2)


@pytest.mark.parametrize("size", [48, 60, 64, 100, 128, 300])
@pytest.mark.parametrize("scale", [2, 4, 8])
@pytest.mark.parametrize(
    "choices",
    [{"network": "dctnet"}, {"network": "dct_rrdb"}, {"base": "models/lst-x4-dctnet", "base_step": 12}],
)
def test_crops_are_whole_periods_of_the_network(store, size, scale, choices):
    """Of DCTNet's blocks of 6 output pixels, in whole input pixels."""
    facts = store(sizes=(size,), target=(1, 1), guide=(1, 3))
    made = recipe(facts, scale=scale, **choices, **({"base_scale": scale} if "base" in choices else {}))
    for side in (made["data"]["crop"], made["data"]["small_crop"]):
        assert 0 < side <= size
        assert side % 6 == side % scale == 0


@pytest.mark.parametrize(
    ("scale", "target", "inputs"), [(2, "b20", ["b20", "b10"]), (6, "b60", ["b60", "b20", "b10"])]
)
def test_sentinel_2_is_trained_by_walds_protocol(store, scale, target, inputs):
    made = recipe(store(b10=(1, 4), b20=(2, 6), b60=(6, 2), sizes=(144,)), scale=scale, network="dsen2")
    assert made["target"] == {"layer": target}
    assert made["inputs"] == {name: {"layer": name, "degrade": scale} for name in inputs}
    assert made["scale"] == scale
    # Of the target's own pixels a patch has so many along a side.
    assert made["data"]["crop"] == 144 // scale


def test_layers_without_a_target_are_refused_where_they_are_not_sentinel_2s(store):
    with pytest.raises(InvalidStore, match="its layers are b10; for a scale of 2 expected b20 and b10"):
        recipe(store(b10=(1, 4)), network="dsen2")


def test_only_layers_of_all_sources_are_used(store):
    facts = store(sizes=(96, 96), first={"target": (1, 4), "guide": (1, 1)}, target=(1, 4))
    assert list(facts.layers) == ["target"]


@pytest.mark.parametrize(
    ("size", "crop", "small", "border"),
    [(300, 96, 56, 3), (64, 64, 56, 3), (30, 24, 24, 3), (14, 14, 14, 3), (6, 6, 6, 1)],
)
def test_crops_fit_the_patches(store, size, crop, small, border):
    assert recipe(store(sizes=(size,)))["data"] == {"crop": crop, "small_crop": small, "border": border}


def test_small_sources_get_small_crops_of_their_own(store):
    assert recipe(store(sizes=(300, 44)))["data"] == {"crop": 96, "small_crop": 40, "border": 3}


def test_patches_that_are_too_small_are_told(store):
    with pytest.raises(InvalidStore, match="patches are 14 pixels wide, expected at least 24"):
        recipe(store(sizes=(14,)), scale=8)


def test_a_length_is_epochs_or_minutes_or_half_an_hour(store):
    assert recipe(store())["schedule"]["minutes"] == 30
    assert recipe(store(), minutes=0.5)["schedule"]["minutes"] == 0.5
    made = recipe(store(), epochs=3)["schedule"]
    assert made["epochs"] == 3
    assert "minutes" not in made
    with pytest.raises(InvalidSetting, match="EPOCHS is 3 and MINUTES 5"):
        recipe(store(), epochs=3, minutes=5)


def test_an_empty_learning_rate_is_found_by_the_trainer(store):
    assert recipe(store())["schedule"]["rate"] == "auto"
    assert recipe(store(), rate=0.002)["schedule"]["rate"] == 0.002


def test_a_base_model_decides_on_network_and_scale(store):
    made = recipe(store(), base="models/any-x4", base_scale=4)
    assert made["network"] is None
    assert made["schedule"]["rate"] is None  # the trainer's own, a low one
    assert "models" not in to_toml(made)  # no folder of one machine gets into a model's recipe
    assert made["scale"] == 4
    with pytest.raises(
        InvalidSetting, match="SCALE is 2, but the model to start from makes images 4 times finer"
    ):
        recipe(store(), base="models/any-x4", base_scale=4, scale=2)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"network": "alexnet"}, r'network: expected one of compact, .*, found "alexnet"'),
        ({"size": "huge"}, 'size: expected one of small, medium, large, found "huge"'),
        ({"loss": "hinge"}, r'loss: expected one of gain, .*, found "hinge"'),
        ({"epochs": 0}, "epochs: expected a number above 0, found 0"),
        ({"minutes": -1}, "minutes: expected a number above 0, found -1"),
        ({"rate": 0}, "rate: expected a learning rate above 0, found 0"),
        ({"joint": True}, "compact cannot be told to see the bands together"),
        (
            {"loss": "spectral"},
            "LOSS spectral compares the bands of a pixel, NETWORK compact is given each band alone",
        ),
    ],
)
def test_wrong_choices_are_told(store, choices, message):
    with pytest.raises(InvalidSetting, match=message):
        recipe(store(), **choices)


def test_every_choice_can_be_written_as_toml(store):
    tomllib = pytest.importorskip("tomllib", reason="Python reads TOML from 3.11 on")
    stores = {False: store(), True: store(target=(1, 1), image=(2, 1), guide=(1, 1))}
    for network, size, loss in itertools.product(NETWORKS, SIZES, LOSSES):
        preset = NETWORKS[network]
        if LOSSES[loss].spectra and not (preset.fusion or preset.joint):
            continue
        facts = stores[preset.fusion]
        read = tomllib.loads(
            to_toml(recipe(facts, network=network, size=size, loss=loss, joint=preset.joint))
        )
        wanted = {"name": network, "options": preset.options(size)}
        assert read["network"] == ({**wanted, "joint": True} if preset.joint else wanted)
        assert read["loss"] == LOSSES[loss].weights


def source(**changes) -> str:
    entry = {"name": "s", "size": 96, "patches": {"train": 4, "validation": 2}, "scale": [2], **changes}
    return json.dumps({"store_version": 2, "sources": [entry]})


def test_a_scale_that_is_no_number_is_none(tmp_path):
    (tmp_path / "manifest.json").write_text(source())
    assert read_store(tmp_path).scale is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "found no manifest.json"),
        ("{", "expected the manifest of a patch store"),
        ("[]", "expected the manifest of a patch store"),
        ('{"sources": [{"name": "x"}]}', "expected the manifest of a patch store"),
        ("[" * 100_000, "expected the manifest of a patch store"),
        ('{"sources": {}}', "sources: expected a list.*expected the manifest of a patch store"),
        (
            source(size=float("inf")),
            r"manifest\.json: sources\[0\]\.size: expected a whole number",
        ),
        (source(size=[96]), r"sources\[0\]\.size: expected a whole number"),
        (source(size=10**400), r"sources\[0\]\.size: expected a whole number"),
        (source(patches=7), r"sources\[0\]\.patches: expected an object"),
        (source(patches={"train": "many", "validation": 1}), r"sources\[0\]\.patches\.train: expected"),
        (source(layers=[3]), r"sources\[0\]\.layers\[0\]: expected an object, found 3"),
        (
            source(layers=[{"name": "target", "ratio": 0}]),
            r"layers\[0\]\.ratio: expected a whole number from 1",
        ),
        (source(layers=[]), "the sources share no layer"),
        ('{"sources": []}', "the store has no sources"),
    ],
)
def test_what_is_no_store_is_told(tmp_path, text, message):
    if text is not None:
        (tmp_path / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(InvalidStore, match=message):
        read_store(tmp_path)


def test_a_store_without_validation_patches_is_refused(store):
    with pytest.raises(InvalidStore, match="no validation patches"):
        store(validation=0)
    with pytest.raises(InvalidStore, match="no training patches"):
        store(train=0)
