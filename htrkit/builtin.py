"""htrkit's own components, declared through the same hooks as anyone's; imports nothing that it declares."""

from __future__ import annotations

from htrkit.hookspecs import Component, hookimpl

LISTINGS = {
    "plugins": "Installed plugins, and what each of them brings.",
    "sources": "Kinds of files that pages come from.",
    "segmenters": "What finds the lines on a page.",
    "preprocessors": "Steps that clean an image before it is read.",
    "encoders": "What runs a model's network.",
    "decoders": "What turns the network's output into text.",
    "lexicons": "Word lists.",
    "language-models": "Language models.",
    "models": "Trained models.",
    "architectures": "Networks that can be trained.",
    "readers": "Formats of data to train on and to measure with.",
    "writers": "Formats of results.",
    "commands": "Commands, those of plugins included.",
}
"""Commands that list what is installed."""


@hookimpl
def htrkit_sources() -> list[Component]:
    return [
        Component("images", "image files; each page of a TIFF", "htrkit.pages.images:Images"),
        Component("xml", "PAGE and ALTO files, with their images beside them", "htrkit.pages.xml.source:Xml"),
    ]


@hookimpl
def htrkit_segmenters() -> list[Component]:
    return [
        # the first one finds the lines of pages if none is asked for
        Component("lines", "a small network that marks base lines", "htrkit.pages.lines.line_segmenter:Lines"),
        Component("ridges", "dark ridges of the blurred page; no network", "htrkit.pages.ridges.segmenter:Ridges"),
        Component("none", "every page is one line", "htrkit.pages.segmenters:Whole"),
    ]


@hookimpl
def htrkit_preprocessors() -> list[Component]:
    return [
        Component("invert", "light ink on dark paper becomes dark on light", "htrkit.preprocess.invert:Invert"),
        Component("border", "take away frames, rules and black along the edges", "htrkit.preprocess.border:Border"),
        Component("contrast", "even out the paper, stretch the ink to black", "htrkit.preprocess.contrast:Contrast"),
        Component("crop", "cut away the paper around the ink", "htrkit.preprocess.crop:Crop"),
        Component("deskew", "a level base line, for whole lines", "htrkit.preprocess.deskew:Deskew"),
        Component("otsu", "black on white, by one threshold for the whole image", "htrkit.preprocess.otsu:Otsu"),
        Component("sauvola", "black on white, the threshold follows the paper", "htrkit.preprocess.sauvola:Sauvola"),
        Component("deslant", "shear the slant away: upright letters", "htrkit.preprocess.deslant:Deslant"),
    ]


@hookimpl
def htrkit_architectures() -> list[Component]:
    return [
        Component(
            "simple",
            "the tutorial's network: 128x32 word images, 32 frames",
            "htrkit.training.architectures.simple:Simple",
        ),
        Component("crnn", "words and whole lines, any width", "htrkit.training.architectures.crnn:CRNN"),
    ]


@hookimpl
def htrkit_models() -> list[Component]:
    return [
        Component(
            "latin-script",
            "lines and words, English and French, old and modern hands; non-commercial research only",
            "htrkit.models:latin_script",
        ),
        Component("open", "as latin-script, without the hands of IAM; open terms", "htrkit.models:open_terms"),
        Component(
            "iam-words",
            "English words, the tutorial's network; terms as latin-script",
            "htrkit.models:iam_words",
        ),
        Component("iam", "the earlier name of latin-script", "htrkit.models:latin_script"),
        Component("ensemble", "several models that read each line together", "htrkit.models:ensemble"),
    ]


@hookimpl
def htrkit_readers() -> list[Component]:
    return [
        Component("table", "TSV or CSV with columns image, text, box, groups", "htrkit.readers.table:Table"),
        Component("folder", "folders of x.png and x.gt.txt", "htrkit.readers.folder:Folder"),
        Component("iam", "the IAM database: words.txt or lines.txt with its images", "htrkit.readers.iam:Iam"),
        Component("pages", "PAGE and ALTO files, with their images beside them", "htrkit.readers.page_files:PageFiles"),
    ]


@hookimpl
def htrkit_encoders() -> list[Component]:
    return [
        Component("onnx", "ONNX Runtime, for networks of any program", "htrkit.encoders.onnx:OnnxEncoder"),
        Component("keras", "Keras, with the network that can be trained", "htrkit.encoders.keras:KerasEncoder"),
        Component("wordwise", "cuts lines for a network that reads words", "htrkit.encoders.wordwise:wordwise"),
    ]


@hookimpl
def htrkit_decoders() -> list[Component]:
    return [
        Component(
            "best-path", "the most probable label of each frame; the fastest", "htrkit.decoders.best_path:BestPath"
        ),
        Component("beam", "prefix beam search, with language models if they are given", "htrkit.decoders.beam:Beam"),
        Component("prefix", "the most probable text, exact within a budget", "htrkit.decoders.prefix:PrefixSearch"),
        Component("word-beam", "words from a lexicon, anything between them", "htrkit.decoders.word_beam:WordBeam"),
    ]


@hookimpl
def htrkit_writers() -> list[Component]:
    return [
        Component("txt", "plain text; with several images, path and text", "htrkit.writers.txt:Txt"),
        Component("jsonl", "JSON Lines: text, confidence, n-best with scores", "htrkit.writers.jsonl:Jsonl"),
        Component("page-xml", "PAGE XML, a file a page", "htrkit.pages.xml.write_page:PageXml"),
        Component("alto", "ALTO 4.2 XML, a file a page", "htrkit.pages.xml.write_alto:Alto"),
        Component("overlay", "the picture with its lines drawn on it", "htrkit.writers.overlay:Overlay"),
        Component("hocr", "hOCR 1.2, a file a page", "htrkit.pages.xml.write_hocr:Hocr"),
    ]


@hookimpl
def htrkit_lexicons() -> list[Component]:
    return [Component("english", "148,000 English words, British and American", "htrkit.lexicons:english")]


@hookimpl
def htrkit_language_models() -> list[Component]:
    return [
        Component(
            "english-characters",
            "7-grams of English characters, for the decoder beam",
            "htrkit.language_models.character_file:english_characters",
        ),
        Component(
            "european-characters",
            "7-grams of English, French, German, Spanish and Italian characters, for the decoder beam",
            "htrkit.language_models.character_file:european_characters",
        ),
        Component(
            "english-words",
            "3-grams of English words, for the decoder beam",
            "htrkit.language_models.word_file:english_words",
        ),
    ]


@hookimpl
def htrkit_commands() -> list[Component]:
    return [
        Component("recognize", "Read the handwriting on images.", "htrkit.cli.recognize:app"),
        Component("decode", "Decode network outputs that were saved before.", "htrkit.cli.decode:app"),
        Component("segment", "Find the lines on pages, without reading them.", "htrkit.cli.segment:app"),
        Component("train", "Train a network on your own data.", "htrkit.cli.train:app"),
        Component(
            "train-segmenter", "Train a network that finds lines on your own pages.", "htrkit.cli.train_segmenter:app"
        ),
        Component("import-model", "Make a model of another program's network.", "htrkit.cli.import_model:app"),
        Component("synth", "Draw lines or pages of handwriting to train on.", "htrkit.cli.synth:app"),
        Component("evaluate", "Measure how well a model reads data whose text is known.", "htrkit.cli.evaluate:app"),
        Component(
            "compare-decoders", "Compare decoders on the outputs of one network.", "htrkit.cli.compare_decoders:app"
        ),
        Component(
            "calibrate",
            "Make words and lines as probable as they are right.",
            "htrkit.cli.calibrate:app",
        ),
        Component("tune", "Find the options with which a decoder reads best.", "htrkit.cli.tune:app"),
        Component("lexicon", "Build word lists of your own.", "htrkit.cli.lexicon:app"),
        Component("lm", "Build language models of your own.", "htrkit.cli.lm:app"),
        Component("new-plugin", "Write a package with components of your own.", "htrkit.cli.new_plugin:app"),
        *(
            Component(name, summary, f"htrkit.cli.listings:apps.{name.replace('-', '_')}")
            for name, summary in LISTINGS.items()
        ),
    ]
