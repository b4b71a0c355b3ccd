/** What every decoder makes of the chosen line, side by side. */

import * as api from "./api.js";
import { button, byId, el, keptRows, quietly } from "./dom.js";
import { clearHeatMap, drawHeatMap } from "./heat-map.js";
import { startDecoderOptions } from "./decoder-options.js";
import { startJob } from "./jobs.js";
import { attempt, say } from "./notices.js";
import { edit, flush, isSaved } from "./open-page.js";
import * as model from "./page-model.js";
import { chosenLine, on, state } from "./store.js";
import { shownTab } from "./tabs.js";
import { texts } from "./texts.js";
import { differs, marked, pieces } from "./text-difference.js";

let asked = null; // the line whose readings are shown or on their way
let tried = null; // a decoder with options that a person tries
let stop = new AbortController();
let readings = new Map();
const showRows = keptRows(byId("readings"));

export function startDecoders() {
  const soon = quietly(250, compare);
  on("line", soon);
  on("tab", soon);
  on("page", () => shownTab() === "decoders" && draw());
  on("opened", () => (asked = null));
  startDecoderOptions(tryOptions);
  byId("again").addEventListener("click", () => {
    asked = null;
    compare();
  });
}

/** All decoders as they read well by themselves, the project's own choice, and what a person tries. */
const specs = () => [...new Set([tried, state.project.settings.decoder, ...(state.components?.decoders ?? []).map(({ spec }) => spec)])].filter(Boolean);

/** The line is read with the options that a person has typed, instead of those before. */
async function tryOptions(spec) {
  const others = new Set(specs().filter((one) => one !== tried));
  if (!others.has(tried)) readings.delete(tried);
  tried = spec;
  const line = chosenLine();
  if (!spec || readings.has(spec) || !line || asked !== line.id) return draw();
  readings = new Map([[spec, null], ...readings]);
  draw();
  return ask(line, [spec]);
}

async function compare() {
  const line = chosenLine();
  if (shownTab() !== "decoders" || asked === line?.id) return;
  stop.abort();
  asked = line?.id ?? null;
  readings = new Map(specs().map((spec) => [spec, null]));
  clearHeatMap();
  draw();
  if (!line) return;
  await flush();
  if (!isSaved(line.id)) return;
  stop = new AbortController();
  attempt(() => drawHeatMap(state.page.id, line));
  await ask(line, [...readings.keys()]);
}

async function ask(line, decoders) {
  const { signal } = stop;
  const hear = (found) => signal.aborted || !readings.has(found.decoder) || received(found);
  await attempt(() => api.decode(state.page.id, line.id, decoders, hear, signal));
  if (signal.aborted) return;
  for (const name of decoders) if (readings.get(name) === null) readings.delete(name);
  draw();
  say(texts.decoders.done(decoders.length));
}

function received(found) {
  readings.set(found.decoder, found);
  draw();
}

function draw() {
  const line = chosenLine();
  const chosen = state.project?.settings.decoder;
  const cards = [...readings].map(([name, reading]) =>
    [name, [reading, line?.id, line?.text, name === chosen], () => card(name, reading, line, name === chosen)]);
  showRows(line ? cards : []);
  byId("readings").setAttribute("aria-busy", [...readings.values()].includes(null));
}

function card(name, reading, line, chosen) {
  const heading = el("h3", {}, name);
  if (!reading) return el("li", { class: "reading waiting" }, heading, el("p", { class: "faint" }, texts.decoders.waiting));
  if (reading.error) return el("li", { class: "reading" }, heading, el("p", { class: "warning" }, reading.error));
  const found = pieces(line.text, reading.text);
  return el("li", { class: "reading", "data-reading": name },
    el("header", {}, heading, chosen ? el("span", { class: "chip" }, texts.decoders.chosen) : null, figures(reading)),
    el("p", {}, marked(found)),
    el("p", { class: "actions" },
      differs(found) ? button(texts.decoders.use, () => use(line.id, reading.text)) : el("span", { class: "chip corrected" }, texts.decoders.same),
      button(texts.decoders.readPage, () => readPage(name), { class: "quiet" })));
}

function figures({ confidence, seconds }) {
  const known = confidence !== null && confidence !== undefined;
  return el("span", { class: "figures" },
    known ? el("meter", { min: 0, max: 1, low: 0.5, high: 0.85, optimum: 1, value: confidence, "aria-label": texts.decoders.confidence }) : null,
    known ? texts.percent(confidence) : null,
    el("span", { class: "faint" }, texts.seconds(seconds)));
}

function use(id, text) {
  edit((page) => model.withText(page, id, text));
}

async function readPage(decoder) {
  await flush();
  await startJob({ kind: "read", pages: [state.page.id], decoder, overwrite: true });
}
