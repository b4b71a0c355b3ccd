"""The recognizer: every stage from pixels to text, on a model that reads bars."""

import numpy as np
import pytest

import htrkit
from htrkit import recognizer
from htrkit.errors import InputError, ModelError, PluginError, ShapeError, UsageError
from htrkit.types import Failed, Hypothesis, Line
from tests import tiny_model
from tests.pages.sheets import letter


@pytest.fixture
def model(tmp_path):
    return tiny_model.write(tmp_path / "bars").folder


def lines(texts):
    return [Line(f"{i}", tiny_model.draw(text)) for i, text in enumerate(texts)]


def test_lines_are_read_in_order_with_frames_and_confidence(model):
    texts = ["ab", "", "bba", "a"] * 40
    results = list(htrkit.Recognizer.load(model).recognize(lines(texts)))
    assert [result.text for result in results] == texts
    assert [result.id for result in results] == [str(i) for i in range(len(texts))]
    first = results[0].hypotheses[0]
    assert first.spans == ((0, 2), (4, 6))
    assert 0.9 < first.confidence <= 1.0


def test_a_model_that_no_package_declares_is_tried_first(model, monkeypatch):
    tried = []
    monkeypatch.setattr(recognizer, "try_first", lambda what, *rest, **more: tried.append(what))
    htrkit.Recognizer.load("open")
    assert tried == []
    htrkit.Recognizer.load(model)
    htrkit.Recognizer.load(str(model))
    assert tried == [f"model {model}"] * 2


def test_lines_are_taken_as_they_are_needed(model):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield Line("x", tiny_model.draw("ab"))

    results = htrkit.Recognizer.load(model).recognize(endless())
    assert next(results).text == "ab"
    assert len(taken) < 200


def test_an_image_file_is_read_in_one_call(model, tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "x.png"), tiny_model.draw("aba"))
    assert htrkit.Recognizer.load(str(model)).read(tmp_path / "x.png").text == "aba"
    with pytest.raises(InputError):
        htrkit.Recognizer.load(model).read(tmp_path / "missing.png")


def test_a_page_that_is_read_as_a_line_is_warned_of(model):
    with pytest.warns(UserWarning, match="image looks like a page and is read as one line"):
        htrkit.Recognizer.load(model).read(letter().page.pixels)


def test_pixels_and_pillow_images_are_read_as_files_are(model):
    from PIL import Image

    grey = tiny_model.draw("bab")
    recognizer = htrkit.Recognizer.load(model)
    colour = np.dstack([grey] * 3)
    seen_through = Image.fromarray(np.dstack([np.zeros((*grey.shape, 3), np.uint8), 255 - grey]))
    for image in (
        grey,
        colour,
        np.asfortranarray(colour),
        Image.fromarray(grey),
        Image.fromarray(colour),
        seen_through,
    ):
        assert recognizer.read(image).text == "bab"
    assert recognizer.read(grey).id == "image"


@pytest.mark.parametrize("junk", [np.zeros((9, 9)), np.zeros((9, 9, 4), np.uint8), np.zeros((0, 9), np.uint8), None, 5])
def test_what_is_no_image_is_refused(model, junk):
    with pytest.raises(ShapeError, match=r"^pixels "):
        htrkit.Recognizer.load(model).read(junk)


def test_the_models_own_steps_are_used_unless_others_are_asked_for(tmp_path):
    folder = tiny_model.write(tmp_path / "m", preprocess=("invert",)).folder
    light_on_dark = Line("x", 255 - np.roll(tiny_model.draw("ab"), 32, axis=1))
    assert next(htrkit.Recognizer.load(folder).recognize([light_on_dark])).text == "ab"
    assert next(htrkit.Recognizer.load(folder, preprocess=[]).recognize([light_on_dark])).text != "ab"


def test_a_decoder_object_is_used_as_it_is(model):
    class Shouts:
        def decode(self, log_probs, *, n_best=1):
            return [Hypothesis(f"{log_probs.shape}!", 0.0)]

    recognizer = htrkit.Recognizer.load(model, decoder=Shouts())
    assert next(recognizer.recognize(lines(["a"]))).text == "(32, 3)!"
    assert recognizer.decoder_name == "Shouts"


class Silent:
    def decode(self, log_probs, *, n_best=1):
        return [] if log_probs[0].argmax() == 2 else [Hypothesis("a", 0.0)]


def test_a_line_that_the_decoder_fails_on_comes_as_failed_in_its_place(model):
    found = list(htrkit.Recognizer.load(model, decoder=Silent()).recognize(lines(["a", "b", "a"])))
    assert [one.id for one in found] == ["0", "1", "2"]
    assert found[1] == Failed("1", "decoder 'Silent' gave 0 hypotheses where 1 to 1 were asked for")
    assert found[0].text == found[2].text == "a"


def test_a_single_image_that_the_decoder_fails_on_is_an_error(model, tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "x.png"), tiny_model.draw("b"))
    with pytest.raises(PluginError, match=r"x\.png: decoder 'Silent' gave 0 hypotheses"):
        htrkit.Recognizer.load(model, decoder=Silent()).read(tmp_path / "x.png")


def test_log_probs_belong_to_their_lines(model):
    encoded = list(htrkit.Recognizer.load(model).encode(lines(["a", "b"])))
    assert [one.id for one in encoded] == ["0", "1"]
    assert [one.log_probs[0].argmax() for one in encoded] == [1, 2]


def test_unknown_names_are_told(model):
    with pytest.raises(UsageError, match="no decoder named 'best-pth'; did you mean 'best-path'"):
        htrkit.Recognizer.load(model, decoder="best-pth")
    with pytest.raises(UsageError, match="no model named 'nowhere'"):
        htrkit.Recognizer.load("nowhere")
    with pytest.raises(UsageError, match="no preprocessor named"):
        htrkit.Recognizer.load(model, preprocess=["nothing"])


def test_an_alphabet_that_does_not_fit_the_network_is_refused(tmp_path):
    folder = tiny_model.write(tmp_path / "m", alphabet=htrkit.Alphabet("abc")).folder
    with pytest.raises(ModelError, match="3 labels, the alphabet needs 4"):
        htrkit.Recognizer.load(folder)


def test_threads_do_not_change_what_is_read(model):
    texts = ["ab", "bba", "a", "abab"] * 20
    read = [
        [result.text for result in htrkit.Recognizer.load(model, threads=threads).recognize(lines(texts))]
        for threads in (1, 2)
    ]
    assert read[0] == read[1] == texts
