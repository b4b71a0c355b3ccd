"""What processes that are forked have loaded: importing this loads it."""

from htrkit import plugins
from htrkit.evaluation.contest import worker  # noqa: F401
from tests.campaign import once  # noqa: F401

for kind, name in (("encoder", "onnx"), ("decoder", "beam"), ("decoder", "best-path")):
    plugins.factory(kind, name)
