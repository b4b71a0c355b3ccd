/** What the network saw on a line: the probability of each character over its frames, under the line's picture. */

import { network } from "./api.js";
import { byId, el } from "./dom.js";
import { on } from "./store.js";
import { texts } from "./texts.js";

const SHOWN = 0.08; // a label has a row if it is at least this probable in some frame
const ROW = 18; // pixels

let drawn = 0; // counts, so that a late answer does not overwrite a newer one

let repaint = () => {};

on("appearance", () => repaint());

export function clearHeatMap() {
  drawn += 1;
  byId("seen").hidden = true;
}

export async function drawHeatMap(page, line) {
  const turn = (drawn += 1);
  const found = await network(page, line.id);
  if (turn !== drawn || !found.columns.length) return;
  const rows = labels(found.columns);
  const width = found.width ?? found.spans.at(-1)[1];
  byId("seen").hidden = false;
  byId("seen-labels").replaceChildren(...rows.map((label) => el("li", {}, name(label))));
  const picture = byId("seen-cut");
  picture.src = byId("cut").src;
  const canvas = byId("seen-rows");
  canvas.width = width;
  canvas.height = rows.length * ROW;
  canvas.style.height = `${rows.length * ROW}px`;
  const map = byId("seen-map").style;
  map.minWidth = `${Math.min(1600, Math.max(320, Math.round(width / 2)))}px`;
  map.maxWidth = `${Math.max(480, width)}px`;
  canvas.setAttribute("aria-label", texts.decoders.seen(rows.map(name).join(", "), found.columns.length));
  repaint = () => paint(canvas, rows, found);
  repaint();
  canvas.onpointermove = (event) => point(event, found, width);
  canvas.onkeydown = (event) => step(event, found);
  canvas.onpointerleave = () => (byId("seen-column").textContent = texts.decoders.pointAt);
  canvas.onpointerleave();
  at = -1;
}

const name = (label) => (label === "" ? texts.decoders.blank : label === " " ? "␣" : label);

/** The labels that matter, blank first, then as they are written. */
function labels(columns) {
  const first = new Map();
  const peak = new Map();
  columns.forEach((column, frame) => {
    for (const [label, probability] of column) {
      if (probability < SHOWN || probability <= (peak.get(label) ?? 0)) continue;
      peak.set(label, probability);
      if (!first.has(label)) first.set(label, frame);
    }
  });
  const order = (label) => (label === "" ? -1 : first.get(label));
  return [...first.keys()].sort((a, b) => order(a) - order(b));
}

function paint(canvas, rows, { columns, spans }) {
  const brush = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const places = new Map(rows.map((label, index) => [label, index]));
  brush.globalAlpha = 1;
  brush.clearRect(0, 0, canvas.width, canvas.height);
  brush.fillStyle = style.getPropertyValue("--rule");
  rows.forEach((_, index) => brush.fillRect(0, (index + 1) * ROW - 1, canvas.width, 1));
  brush.fillStyle = style.getPropertyValue("--accent");
  columns.forEach((column, frame) => {
    const [from, to] = spans[frame];
    for (const [label, probability] of column) {
      if (!places.has(label)) continue;
      brush.globalAlpha = Math.sqrt(probability);
      brush.fillRect(from, places.get(label) * ROW, Math.max(1, to - from), ROW - 1);
    }
  });
}

let at = -1; // the column that is told

function step(event, { columns, spans }) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  at = Math.max(0, Math.min(columns.length - 1, at + by));
  tell(columns, at);
  const [canvas, scroll] = [event.currentTarget, event.currentTarget.closest(".scroll")];
  scroll.scrollLeft = (spans[at][0] / canvas.width) * canvas.clientWidth - scroll.clientWidth / 2;
}

function tell(columns, frame) {
  const best = columns[frame].map(([label, probability]) => `${name(label)} ${texts.percent(probability)}`);
  byId("seen-column").textContent = texts.decoders.frame(frame + 1, best.join(" · "));
}

function point(event, { columns, spans }, width) {
  const box = event.currentTarget.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * width;
  const frame = spans.findIndex(([from, to]) => from <= x && x < to);
  if (frame < 0) return;
  at = frame;
  tell(columns, frame);
}
