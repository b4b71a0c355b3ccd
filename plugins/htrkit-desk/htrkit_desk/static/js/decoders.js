/** What every decoder makes of the chosen line, side by side. */

import * as api from "./api.js";
import { button, byId, el, quietly } from "./dom.js";
import { clearHeatMap, drawHeatMap } from "./heat-map.js";
import { startJob } from "./jobs.js";
import { attempt, say } from "./notices.js";
import { edit, flush, isSaved } from "./open-page.js";
import * as model from "./page-model.js";
import { chosenLine, on, state } from "./store.js";
import { shownTab } from "./tabs.js";
import { texts } from "./texts.js";
import { differs, marked, pieces } from "./text-difference.js";

let asked = null; // the line whose readings are shown or on their way
let stop = new AbortController();
let readings = new Map();

export function startDecoders() {
  const soon = quietly(250, compare);
  on("line", soon);
  on("tab", soon);
  on("page", () => shownTab() === "decoders" && draw());
  on("opened", () => (asked = null));
  byId("again").addEventListener("click", () => {
    asked = null;
    compare();
  });
}

async function compare() {
  const line = chosenLine();
  if (shownTab() !== "decoders" || asked === line?.id) return;
  stop.abort();
  asked = line?.id ?? null;
  readings = new Map((state.components?.decoders ?? []).map(({ spec, name }) => [spec ?? name, null]));
  clearHeatMap();
  draw();
  if (!line) return;
  await flush();
  if (!isSaved(line.id)) return;
  stop = new AbortController();
  const { signal } = stop;
  attempt(() => drawHeatMap(state.page.id, line));
  await attempt(() => api.decode(state.page.id, line.id, (found) => signal.aborted || received(found), signal));
  if (signal.aborted) return;
  for (const [name, reading] of readings) if (!reading) readings.delete(name);
  draw();
  say(texts.decoders.done(readings.size));
}

function received(found) {
  readings.set(found.decoder, found);
  draw();
}

function draw() {
  const line = chosenLine();
  const cards = line ? [...readings].map(([name, reading]) => card(name, reading, line)) : [];
  byId("readings").replaceChildren(...cards);
  byId("readings").setAttribute("aria-busy", [...readings.values()].includes(null));
}

function card(name, reading, line) {
  const heading = el("h3", {}, name);
  if (!reading) return el("li", { class: "reading waiting" }, heading, el("p", { class: "faint" }, texts.decoders.waiting));
  if (reading.error) return el("li", { class: "reading" }, heading, el("p", { class: "warning" }, reading.error));
  const found = pieces(line.text, reading.text);
  const chosen = state.project.settings.decoder === name;
  return el("li", { class: "reading" },
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
