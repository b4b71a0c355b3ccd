/** A decoder with options of one's own, tried on the chosen line as they are typed. */

import { byId, el, quietly } from "./dom.js";
import { field, optionFields, parted, select, specIn } from "./settings.js";
import { state } from "./store.js";
import { texts } from "./texts.js";

const PAUSE = 500; // milliseconds without typing, then it is tried

/** Calls `given(spec)` with the decoder and its options whenever they are others, or null once nobody tries any. */
export function startDecoderOptions(given) {
  const form = byId("own-options");
  const opener = byId("own-decoder");
  const tell = () => given(opener.open ? specIn(new FormData(form)) : null);
  form.addEventListener("input", quietly(PAUSE, tell));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell();
  });
  opener.addEventListener("toggle", () => {
    if (opener.open && !form.children.length) fill(form);
    tell();
  });
}

function fill(form) {
  const { components, project } = state;
  const own = parted(project.settings.decoder);
  const decoders = select("decoder", components.decoders, own.name);
  const options = el("div", { class: "options" });
  const show = () => {
    const { spec } = components.decoders.find((one) => one.name === decoders.value) ?? {};
    options.replaceChildren(...optionFields(components, decoders.value, decoders.value === own.name ? own : parted(spec)));
  };
  decoders.addEventListener("change", show);
  show();
  form.replaceChildren(field(texts.decoders.which, decoders, texts.decoders.moreHelp), options);
}
