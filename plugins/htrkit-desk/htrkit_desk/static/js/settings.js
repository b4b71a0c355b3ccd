/** Which model, decoder and segmenter the project uses. */

import * as api from "./api.js";
import { byId, dialog, el } from "./dom.js";
import { attempt } from "./notices.js";
import { emit, state } from "./store.js";
import { texts } from "./texts.js";

export function startSettings() {
  byId("settings").addEventListener("click", async () => {
    state.components = (await attempt(api.components)) ?? state.components;
    if (state.components) open();
  });
}

/** A spec's name and its options as a map: `beam:beam_width=50` and so on. */
export function parted(spec) {
  const [, name, rest] = /^([^:]*):?(.*)$/s.exec(spec ?? "");
  const options = rest ? rest.split(/,(?=[\w-]+=)/).map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]) : [];
  return { name, options: new Map(options) };
}

function open() {
  const { components, project } = state;
  const { model, decoder, segmenter } = project.settings;
  const chosen = parted(decoder);
  const options = el("div", { class: "options" });
  const decoders = select("decoder", components.decoders, chosen.name);
  const fill = () => options.replaceChildren(...optionFields(components, decoders.value, chosen));
  decoders.addEventListener("change", fill);
  fill();
  const form = el("form", { method: "dialog", class: "settings" },
    field(texts.settings.model, select("model", components.models, model), texts.settings.modelHelp),
    field(texts.settings.decoder, decoders, texts.settings.decoderHelp),
    options,
    field(texts.settings.segmenter, select("segmenter", components.segmenters, segmenter), texts.settings.segmenterHelp),
    el("p", { class: "actions" },
      el("button", { value: "" }, texts.cancel), el("button", { class: "primary", value: "save" }, texts.settings.save)));
  const shown = dialog(texts.settings.title, form);
  shown.addEventListener("close", () => shown.returnValue === "save" && save(new FormData(form)));
}

export const field = (label, control, help) => el("label", { class: "field-row" }, el("b", {}, label), control, el("small", {}, help));

export function select(name, components, value) {
  const names = components.map((one) => one.name);
  const known = value && !names.includes(value) ? [{ name: value }] : [];
  const made = el("select", { name }, ...[...known, ...components].map((one) =>
    el("option", { value: one.name }, one.summary ? `${one.name}: ${one.summary}` : one.name)));
  made.value = value ?? names[0] ?? "";
  return made;
}

/** A decoder and the options that a form gives, as the server takes them. */
export function specIn(given) {
  const options = [...given].filter(([name, value]) => name.startsWith("option.") && value.trim());
  const told = options.map(([name, value]) => `${name.slice("option.".length)}=${value.trim()}`).join();
  return given.get("decoder") + (told ? `:${told}` : "");
}

/** A field for each option of a decoder, filled with what is chosen of them. */
export function optionFields(components, name, chosen) {
  const { options = [] } = components.decoders.find((one) => one.name === name) ?? {};
  return options.map((option) => {
    const value = chosen.name === name ? (chosen.options.get(option.name) ?? "") : "";
    const shown = option.default === null || option.default === undefined ? "" : String(option.default);
    const input = el("input", { name: `option.${option.name}`, value, placeholder: shown, autocomplete: "off", spellcheck: "false" });
    return field(option.name, input, option.help ?? "");
  });
}

async function save(given) {
  const chosen = { model: given.get("model"), decoder: specIn(given), segmenter: given.get("segmenter") };
  const project = await attempt(() => api.saveSettings(chosen));
  if (project) emit("project-changed");
}
