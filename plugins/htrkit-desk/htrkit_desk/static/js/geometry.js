/** Points, outlines and base lines; nothing here knows of the screen. */

export function bounds(points) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

export function centre(points) {
  const { left, top, right, bottom } = bounds(points);
  return [(left + right) / 2, (top + bottom) / 2];
}

export function inside([x, y], polygon) {
  let within = false;
  polygon.forEach(([x1, y1], index) => {
    const [x2, y2] = polygon[(index + 1) % polygon.length];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) within = !within;
  });
  return within;
}

/** The nearest point to `point` on an open or closed run of points: where it is, how far, and behind which index. */
export function nearest(point, points, closed) {
  let best = { distance: Infinity, at: points[0], after: 0 };
  for (let index = 0; index < points.length - (closed ? 0 : 1); index += 1) {
    const at = onSegment(point, points[index], points[(index + 1) % points.length]);
    const distance = Math.hypot(at[0] - point[0], at[1] - point[1]);
    if (distance < best.distance) best = { distance, at, after: index };
  }
  return best;
}

function onSegment([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return [x1 + share * dx, y1 + share * dy];
}

/** The direction of writing, of length one. */
export function direction(line) {
  const run = line.baseline.length > 1 ? line.baseline : [[bounds(line.polygon).left, 0], [bounds(line.polygon).right, 0]];
  const [first, last] = [run[0], run[run.length - 1]];
  const length = Math.hypot(last[0] - first[0], last[1] - first[1]) || 1;
  return [(last[0] - first[0]) / length, (last[1] - first[1]) / length];
}

const along = ([x, y], [ax, ay], [dx, dy]) => (x - ax) * dx + (y - ay) * dy;

/** What of a run of points lies on this side of `at`: before it (-1) or behind it (+1), seen in `direction`. */
export function clipped(points, closed, at, towards, side) {
  const made = [];
  points.forEach((point, index) => {
    const here = side * along(point, at, towards);
    if (here >= 0) made.push(point);
    if (!closed && index === points.length - 1) return;
    const next = points[(index + 1) % points.length];
    const there = side * along(next, at, towards);
    if (here * there < 0) {
      const share = here / (here - there);
      made.push([point[0] + share * (next[0] - point[0]), point[1] + share * (next[1] - point[1])]);
    }
  });
  return made;
}

/** An outline around a base line that reaches so far above and below it. */
export function around(baseline, above, below) {
  const shifted = (by) => baseline.map(([x, y]) => [x, y + by]);
  return [...shifted(-above), ...shifted(below).reverse()];
}

/** How far lines usually reach above and below their base lines; a fortieth of the page if there are none. */
export function usualReach(lines, pageHeight) {
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const known = lines.filter((line) => line.baseline.length > 1 && line.polygon.length > 2);
  if (!known.length) return { above: pageHeight / 40, below: pageHeight / 100 };
  const above = (line) => centre(line.baseline)[1] - bounds(line.polygon).top;
  const below = (line) => bounds(line.polygon).bottom - centre(line.baseline)[1];
  return { above: Math.max(4, median(known.map(above))), below: Math.max(2, median(known.map(below))) };
}

/** The convex hull of points, by Andrew's monotone chain. */
export function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (run) => {
    const chain = [];
    for (const point of run) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** A point that stays on the page. */
export const onPage = ([x, y], { width, height }) => [
  Math.round(Math.max(0, Math.min(width, x))),
  Math.round(Math.max(0, Math.min(height, y))),
];
