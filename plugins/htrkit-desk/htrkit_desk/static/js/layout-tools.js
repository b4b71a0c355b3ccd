/** Editing where lines stand: move points, draw, split, merge, delete, and the order in which lines are read. */

import { byId, svg, typing } from "./dom.js";
import { centre, direction } from "./geometry.js";
import { drawHandles, steps } from "./handles.js";
import * as model from "./page-model.js";
import { say } from "./notices.js";
import { edit } from "./open-page.js";
import { onClick, toolLayer, view } from "./page-view.js";
import { chooseLine, chosenLine, emit, on, state } from "./store.js";
import { texts } from "./texts.js";

let tool = "move"; // or draw, split
let cursor = [0, 0]; // where the keys would draw or split
let run = []; // the base line that is being drawn

export function startLayoutTools() {
  byId("layout").addEventListener("click", () => setLayout(!state.layout));
  const actions = { draw: () => use("draw"), split: () => use("split"), merge, remove, earlier: () => order(-1), later: () => order(1) };
  for (const [name, action] of Object.entries(actions)) byId(`layout-${name}`).addEventListener("click", action);
  byId("layout-done").addEventListener("click", finishDrawing);
  byId("board").addEventListener("keydown", key);
  byId("board").addEventListener("dblclick", () => tool === "draw" && finishDrawing());
  onClick(click);
  for (const topic of ["page", "line", "layout", "opened"]) on(topic, draw);
}

export function setLayout(value) {
  if (value === state.layout || (value && !state.page)) return;
  state.layout = value;
  use("move");
  byId("layout").setAttribute("aria-pressed", value);
  byId("layout-tools").hidden = !value;
  emit("layout", value);
  say(value ? texts.layout.on : texts.layout.off);
}

function use(name) {
  tool = tool === name ? "move" : name;
  run = [];
  const line = chosenLine();
  if (tool === "split" && !line) tool = "move";
  if (tool === "split") cursor = line.baseline.length ? centre(line.baseline) : centre(line.polygon);
  else if (tool === "draw") cursor = middleOfView();
  for (const one of ["draw", "split"]) byId(`layout-${one}`).setAttribute("aria-pressed", tool === one);
  byId("layout-done").hidden = tool !== "draw";
  byId("layout-hint").textContent = texts.layout.hints[tool];
  if (tool !== "move") byId("board").focus();
  draw();
}

function middleOfView() {
  const { left, top, width, height } = byId("board").getBoundingClientRect();
  return view.toPage({ clientX: left + width / 2, clientY: top + height / 2 }).map(Math.round);
}

function draw() {
  if (!state.layout || !state.page) {
    toolLayer.replaceChildren();
    return;
  }
  if (tool === "move") drawHandles();
  else if (tool === "draw") drawRun();
  else drawCut();
}

function drawRun() {
  const points = [...run, cursor].map((point) => point.join()).join(" ");
  toolLayer.replaceChildren(
    svg("polyline", { class: "drawing", points }),
    ...run.map(([cx, cy]) => svg("circle", { class: "handle baseline", cx, cy })),
    svg("circle", { class: "cursor", cx: cursor[0], cy: cursor[1] }),
  );
}

function drawCut() {
  const line = chosenLine();
  if (!line) return use("move");
  const [dx, dy] = direction(line);
  const far = 0.03 * state.page.height;
  const [x1, y1, x2, y2] = [cursor[0] + dy * far, cursor[1] - dx * far, cursor[0] - dy * far, cursor[1] + dx * far];
  toolLayer.replaceChildren(svg("line", { class: "cut", x1, y1, x2, y2 }));
  return undefined;
}

/** Whether a click was the tool's. */
function click(event) {
  if (!state.layout || tool === "move") return false;
  const at = view.toPage(event);
  if (tool === "draw") {
    run.push(at);
    cursor = at;
    draw();
    return true;
  }
  const under = event.target.ownerDocument.elementsFromPoint(event.clientX, event.clientY);
  const id = under.find((one) => one.closest("[data-line]"))?.closest("[data-line]").dataset.line;
  if (id) splitAt(id, at);
  return true;
}

function key(event) {
  if (!state.layout || typing(event)) return;
  const acted = tool === "move" ? moveKey(event) : toolKey(event);
  if (acted) event.preventDefault();
}

function moveKey(event) {
  if (event.ctrlKey || event.metaKey) return false;
  const actions = {
    d: () => use("draw"), s: () => use("split"), m: merge, Delete: remove, Escape: () => setLayout(false),
    ...(event.altKey ? { ArrowUp: () => order(-1), ArrowDown: () => order(1) } : {}),
    PageUp: () => neighbour(-1), PageDown: () => neighbour(1),
  };
  actions[event.key]?.();
  return event.key in actions;
}

function toolKey(event) {
  const step = steps(event);
  if (step) {
    const [dx, dy] = step([0, 0]);
    const along = tool === "split" ? 4 : 10;
    cursor = [cursor[0] + dx * along, cursor[1] + (tool === "split" ? 0 : dy * along)];
    draw();
  } else if (event.key === "Escape") use("move");
  else if (tool === "split" && event.key === "Enter") splitAt(state.line, cursor);
  else if (tool === "draw" && event.key === " ") click({ ...fromCursor() });
  else if (tool === "draw" && event.key === "Enter") finishDrawing();
  else if (tool === "draw" && event.key === "Backspace") {
    run.pop();
    draw();
  } else return false;
  return true;
}

function fromCursor() {
  const { left, top } = byId("board").getBoundingClientRect();
  return { clientX: cursor[0] * view.scale + view.x + left, clientY: cursor[1] * view.scale + view.y + top };
}

function finishDrawing() {
  const apart = run.filter((point, index) => !index || Math.hypot(point[0] - run[index - 1][0], point[1] - run[index - 1][1]) > 3);
  if (apart.length < 2) {
    say(texts.layout.twoPoints);
    byId("layout-hint").textContent = texts.layout.twoPoints;
    return;
  }
  const id = model.newId();
  const forward = apart[0][0] <= apart.at(-1)[0] ? apart : apart.reverse();
  edit((page) => model.drawn(page, id, forward));
  use("move");
  chooseLine(id);
  say(texts.layout.drawn);
}

function splitAt(id, at) {
  edit((page) => model.split(page, id, at, model.newId()));
  use("move");
  chooseLine(id);
  say(texts.layout.splitDone);
}

/** With the line that is read next. */
function merge() {
  const next = state.page.lines[model.indexOf(state.page, state.line) + 1];
  if (!state.line || !next) return;
  edit((page) => model.merged(page, state.line, next.id));
  say(texts.layout.merged);
}

function remove() {
  if (!state.line) return;
  const index = model.indexOf(state.page, state.line);
  const next = state.page.lines[index + 1] ?? state.page.lines[index - 1];
  edit((page) => model.removed(page, state.line));
  if (next) chooseLine(next.id);
  say(texts.layout.removed);
}

function order(by) {
  if (!state.line) return;
  edit((page) => model.reordered(page, state.line, by));
  say(texts.layout.ordered(model.indexOf(state.page, state.line) + 1));
}

function neighbour(by) {
  const next = state.page.lines[model.indexOf(state.page, state.line) + by];
  if (next) chooseLine(next.id);
}
