/** Zoom and pan of an SVG's content: mouse, trackpad, touch and keys. */

const LEAST = 0.02;
const MOST = 12;
const CLICK = 4; // pixels that a pointer may move and still have clicked

export class Viewport {
  /** `clicked(event)` is called for presses that did not drag, `moved()` whenever the view changed. */
  constructor(svg, content, { clicked, moved }) {
    Object.assign(this, { svg, content, clicked, changed: moved });
    Object.assign(this, { x: 0, y: 0, scale: 1, width: 1, height: 1, fitted: true, pointers: new Map() });
    svg.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, (event) => this.#up(event));
    svg.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => (this.fitted ? this.fit() : this.#apply())).observe(svg);
  }

  get size() {
    const { width, height } = this.svg.getBoundingClientRect();
    return { width: width || 1, height: height || 1 };
  }

  /** The whole width of the page, from its top. */
  fit() {
    const { width, height } = this.size;
    const whole = Math.min(width / this.width, height / this.height);
    const wide = width / this.width;
    this.scale = Math.min(wide, whole * 2.2) * 0.97;
    this.x = (width - this.width * this.scale) / 2;
    this.y = Math.max(8, (height - this.height * this.scale) / 2);
    this.fitted = true;
    this.#apply();
  }

  zoom(factor, at = null) {
    const { width, height } = this.size;
    const [cx, cy] = at ?? [width / 2, height / 2];
    const scale = Math.max(LEAST, Math.min(MOST, this.scale * factor));
    this.x = cx - ((cx - this.x) * scale) / this.scale;
    this.y = cy - ((cy - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.#apply();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.#apply();
  }

  /** Moves, without zooming, until a part of the page can be seen. */
  show({ left, top, right, bottom }) {
    const { width, height } = this.size;
    const [low, high] = [top * this.scale + this.y, bottom * this.scale + this.y];
    const room = Math.min(80, height / 4);
    if (low < room) this.y += room - low;
    else if (high > height - room) this.y -= high - (height - room);
    const [from, to] = [left * this.scale + this.x, right * this.scale + this.x];
    if (to - from > width || from < 0) this.x += 12 - from;
    else if (to > width) this.x -= to - width + 12;
    const before = this.content.getAttribute("transform");
    this.#apply();
    if (this.content.getAttribute("transform") !== before) this.fitted = false;
  }

  /** Where on the page an event happened. */
  toPage(event) {
    const { left, top } = this.svg.getBoundingClientRect();
    return [(event.clientX - left - this.x) / this.scale, (event.clientY - top - this.y) / this.scale];
  }

  #apply() {
    const { width, height } = this.size;
    const edge = 60; // of the page, so much stays in view
    this.x = Math.min(width - edge, Math.max(edge - this.width * this.scale, this.x));
    this.y = Math.min(height - edge, Math.max(edge - this.height * this.scale, this.y));
    this.content.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
    this.changed();
  }

  #at(event) {
    const { left, top } = this.svg.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  #wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp((-event.deltaY * unit) / 240), this.#at(event));
    else if (event.shiftKey && !event.deltaX) this.pan(-event.deltaY * unit, 0);
    else this.pan(-event.deltaX * unit, -event.deltaY * unit);
  }

  #down(event) {
    if (event.button > 0 && event.button !== 1) return;
    this.svg.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { at: this.#at(event), start: this.#at(event), target: event.target });
    this.dragged = this.pointers.size > 1;
  }

  #move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const [old, now] = [pointer.at, this.#at(event)];
    const far = Math.hypot(now[0] - pointer.start[0], now[1] - pointer.start[1]);
    this.dragged ||= far > CLICK;
    if (!this.dragged) return;
    if (this.pointers.size === 1) this.pan(now[0] - old[0], now[1] - old[1]);
    else this.#pinch(event.pointerId, old, now);
    pointer.at = now;
  }

  #pinch(id, old, now) {
    const [, other] = [...this.pointers].find(([key]) => key !== id);
    const distance = (point) => Math.hypot(point[0] - other.at[0], point[1] - other.at[1]) || 1;
    const middle = (point) => [(point[0] + other.at[0]) / 2, (point[1] + other.at[1]) / 2];
    this.zoom(distance(now) / distance(old), middle(old));
    this.pan(middle(now)[0] - middle(old)[0], middle(now)[1] - middle(old)[1]);
  }

  #up(event) {
    const pointer = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (pointer && !this.dragged && event.type === "pointerup") this.clicked(event, pointer.target);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target !== this.svg) return;
    const step = event.shiftKey ? 200 : 60;
    const actions = {
      "+": () => this.zoom(1.25), "=": () => this.zoom(1.25), "-": () => this.zoom(0.8), 0: () => this.fit(),
      ArrowLeft: () => this.pan(step, 0), ArrowRight: () => this.pan(-step, 0),
      ArrowUp: () => this.pan(0, step), ArrowDown: () => this.pan(0, -step),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }
}
