/** The picture of the page with its regions and lines drawn on it. */

import { imageUrl } from "./api.js";
import { byId, svg } from "./dom.js";
import { bounds } from "./geometry.js";
import { chooseLine, chosenLine, emit, on, state } from "./store.js";
import { texts } from "./texts.js";
import { Viewport } from "./viewport.js";

const SMALL = 1600; // pixels; a wider picture is fetched only if one zooms in

const layers = Object.fromEntries(["image", "regions", "lines", "hit", "word", "tools"].map((name) => [name, svg("g", { class: name })]));
const content = svg("g", {}, ...Object.values(layers));
let picture = { url: "", page: null };
let clickedElsewhere = () => false; // what a tool makes of a click
export let view = null;

export const toolLayer = layers.tools;
export const onClick = (callback) => (clickedElsewhere = callback);

export function startPageView() {
  const board = byId("board");
  board.append(content);
  view = new Viewport(board, content, { clicked, moved: movedView });
  byId("zoom-in").addEventListener("click", () => view.zoom(1.25));
  byId("zoom-out").addEventListener("click", () => view.zoom(0.8));
  byId("zoom-fit").addEventListener("click", () => view.fit());
  on("opened", opened);
  on("page", draw);
  on("layout", draw);
  on("line", () => {
    draw();
    layers.hit.replaceChildren();
    const line = chosenLine();
    if (line?.polygon.length) view.show(bounds(line.polygon));
  });
  on("word", drawWord);
  on("hit", drawHit);
}

function opened() {
  const { page } = state;
  picture = { url: "", page: page?.id };
  layers.image.replaceChildren();
  layers.word.replaceChildren();
  layers.hit.replaceChildren();
  draw();
  if (!page) return;
  view.width = page.width;
  view.height = page.height;
  view.fit();
}

function movedView() {
  if (!state.page) return;
  const screen = view.scale * devicePixelRatio * state.page.width;
  const large = screen > SMALL * 1.3 && state.page.width > SMALL;
  if (!picture.large) show(large);
  content.style.setProperty("--pixel", `${1 / view.scale}px`);
  emit("zoomed");
}

function show(large) {
  const { id, width, height, version } = state.page;
  const url = imageUrl(id, version, large ? 0 : SMALL);
  if (picture.page === id && picture.url && picture.large === large) return;
  picture = { url, page: id, large };
  const image = svg("image", { href: url, width, height, preserveAspectRatio: "none" });
  layers.image.append(image);
  image.addEventListener("load", () => {
    while (image.previousSibling) image.previousSibling.remove();
  });
}

const points = (run) => run.map(([x, y]) => `${x},${y}`).join(" ");

function draw() {
  const { page, layout } = state;
  byId("board").classList.toggle("layout", layout);
  byId("board").setAttribute("aria-label", page ? texts.view.label(page.name, page.lines.length) : texts.view.none);
  layers.regions.replaceChildren(
    ...(page?.regions ?? []).map((region) => svg("polygon", { class: "region", points: points(region.polygon) })),
  );
  layers.lines.replaceChildren(...(page?.lines ?? []).map((line, index) => drawnLine(line, index)));
  if (!page) layers.tools.replaceChildren();
}

function drawnLine(line, index) {
  const chosen = line.id === state.line;
  const group = svg("g", { class: `line ${line.state}${chosen ? " chosen" : ""}`, "data-line": line.id });
  group.append(svg("polygon", { points: points(line.polygon) }));
  if (line.baseline.length) group.append(svg("polyline", { points: points(line.baseline) }));
  if (state.layout) {
    const [x, y] = line.baseline[0] ?? line.polygon[0] ?? [0, 0];
    group.append(svg("text", { x, y, "text-anchor": "end" }, String(index + 1)));
  }
  return group;
}

function drawWord(word) {
  layers.word.replaceChildren(...(word?.polygon?.length ? [svg("polygon", { points: points(word.polygon) })] : []));
}

function drawHit([left, top, right, bottom]) {
  layers.hit.replaceChildren(svg("rect", { x: left, y: top, width: right - left, height: bottom - top }));
  view.show({ left, top, right, bottom });
}

function clicked(event, target) {
  if (clickedElsewhere(event)) return;
  const id = target.closest?.("[data-line]")?.dataset.line;
  if (!id) return;
  chooseLine(id);
  if (!state.layout) emit("write");
}
