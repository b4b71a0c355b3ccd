/** The points of the chosen line, as things to drag or to move with the arrow keys. */

import { svg } from "./dom.js";
import * as model from "./page-model.js";
import { edit } from "./open-page.js";
import { chosenLine, state } from "./store.js";
import { texts } from "./texts.js";
import { toolLayer, view } from "./page-view.js";

let dragging = null;

/** Draws a handle on every point, and in the middle of every edge one that makes a new point. */
export function drawHandles() {
  const focused = document.activeElement?.dataset?.point;
  const line = chosenLine();
  toolLayer.replaceChildren(...(line ? [grip(line), ...handles(line, "baseline"), ...handles(line, "polygon")] : []));
  if (focused) toolLayer.querySelector(`[data-point="${focused}"]`)?.focus();
}

function handles(line, kind) {
  const run = line[kind];
  const closed = kind === "polygon";
  const edges = run.slice(0, closed ? run.length : -1).map((point, index) => {
    const next = run[(index + 1) % run.length];
    const middle = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
    const add = () => edit((page) => model.withNewPoint(page, line.id, kind, middle));
    return circle(middle, `${kind} new`, { onpointerdown: stopped(add) });
  });
  return [...edges, ...run.map((point, index) => handle(line, kind, index, point))];
}

function handle(line, kind, index, point) {
  const put = (to) => edit((page) => model.withPoint(page, line.id, kind, index, to), `point:${line.id}:${kind}:${index}`);
  const remove = () => edit((page) => model.withoutPoint(page, line.id, kind, index));
  return circle(point, kind, {
    tabindex: 0, role: "button", "data-point": `${kind}-${index}`,
    "aria-label": texts.layout.point(kind, index + 1, line[kind].length),
    onpointerdown: stopped((event) => startDrag(event, () => ({ kind, index, id: line.id }))),
    ondblclick: remove,
    onkeydown: (event) => {
      if (event.key === "Delete" || event.key === "Backspace") remove();
      else if (event.key === "Insert" || event.key === "+") edit((page) => model.withPointAfter(page, line.id, kind, index));
      else if (!steps(event)) return;
      else put(steps(event)(point));
      event.preventDefault();
      event.stopPropagation();
    },
  });
}

/** The handle by which the whole line is moved. */
function grip(line) {
  const [x, y] = line.baseline[0] ?? line.polygon[0] ?? [0, 0];
  const by = (dx, dy) => edit((page) => model.moved(page, line.id, dx, dy), `move:${line.id}`);
  return svg("rect", {
    class: "grip", x, y, tabindex: 0, role: "button", "aria-label": texts.layout.grip, "data-point": "grip",
    onpointerdown: stopped((event) => startDrag(event, () => ({ id: line.id }))),
    onkeydown: (event) => {
      const step = steps(event);
      if (!step) return;
      by(...step([0, 0]));
      event.preventDefault();
      event.stopPropagation();
    },
  });
}

const circle = ([cx, cy], kind, given) => svg("circle", { cx, cy, class: `handle ${kind}`, ...given });

const stopped = (action) => (event) => {
  event.stopPropagation();
  event.preventDefault();
  event.currentTarget.focus?.();
  action(event);
};

/** What an arrow key makes of a point: one pixel, or ten with Shift. */
export function steps(event) {
  const far = event.shiftKey ? 10 : 1;
  const by = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }[event.key];
  return by && !event.altKey && !event.ctrlKey ? ([x, y]) => [x + by[0], y + by[1]] : null;
}

function startDrag(event, what) {
  dragging = { ...what(), last: view.toPage(event), stamp: Date.now() };
  const move = (moved) => drag(view.toPage(moved));
  const up = () => {
    removeEventListener("pointermove", move);
    dragging = null;
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", up, { once: true });
  addEventListener("pointercancel", up, { once: true });
}

function drag(to) {
  const { id, kind, index, last, stamp } = dragging;
  if (!state.page?.lines.some((line) => line.id === id)) return;
  if (kind) {
    edit((page) => model.withPoint(page, id, kind, index, to), `drag:${stamp}`);
    return;
  }
  const [dx, dy] = [Math.round(to[0] - last[0]), Math.round(to[1] - last[1])];
  edit((page) => model.moved(page, id, dx, dy), `drag:${stamp}`);
  dragging.last = [last[0] + dx, last[1] + dy];
}
