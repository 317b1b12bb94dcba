// The board: a tile for each line. On a wall it fills the screen, in pages if there are too many lines.
"use strict";

const box = document.getElementById("tiles");
const links = document.body.dataset.links === "yes";
const pageEvery = Number(document.body.dataset.pageEvery) * 1000;
const MOST = 60;
const ORDER = ["no-data", "stopped", "behind", "no-run", "rest", "ok"];
const tiles = new Map();
let isAnew = false;
let first = 0;
let turnedAt = performance.now();

function keyOf(line) {
  return `${line.plant}/${line.line}`;
}

class Tile {
  constructor(line) {
    this.item = make("li");
    this.body = make(links ? "a" : "div", "tile");
    if (links) this.body.href = `/line/${encodeURIComponent(line.plant)}/${encodeURIComponent(line.line)}`;
    this.name = make("span", "name");
    this.product = make("span", "product");
    this.state = make("span", "state");
    this.difference = make("span", "difference");
    this.word = make("span", "word");
    this.bars = draw("svg", { class: "bars", "aria-hidden": "true" });
    this.made = make("span", "made");
    this.rate = make("span", "rate");
    this.notes = make("span", "notes");
    const head = make("span", "top");
    head.append(this.name, this.product, this.state);
    const middle = make("span", "middle");
    middle.append(this.difference, this.word);
    const foot = make("span", "foot");
    foot.append(this.made, this.rate);
    this.body.append(head, middle, this.bars, foot, this.notes);
    this.item.append(this.body);
  }

  show(line) {
    this.line = line;
    const isTrue = line.state !== "no-data";
    this.body.dataset.state = line.state;
    put(this.name, tiles.several ? keyOf(line) : line.line);
    this.body.title = line.name;
    put(this.product, line.product);
    put(this.state, `${SHAPES[line.state]} ${text(line.state.replace("-", "_"))}`);
    const isPlanned = line.difference !== null;
    const big = isPlanned ? difference(line.difference) : number(line.made);
    const isShown = isTrue && (line.state !== "no-run" || !isPlanned);
    put(this.difference, isShown ? big : "–");
    this.difference.dataset.length = Math.min(8, Math.max(3, this.difference.textContent.length));
    this.difference.classList.toggle("ahead", isShown && isPlanned && Number(line.difference) >= 0);
    const word = line.made === null ? "no_figures" : isPlanned ? "to_plan" : "made_today";
    put(this.word, isShown ? text(word) : "");
    // A small tile of a wall has no place for the age of figures, so old ones are not shown there at all.
    put(this.made, isPlanned && (isTrue || !isWall) ? `${number(line.made)} / ${number(line.planned)}` : "");
    if (line.made === null) this.bars.replaceChildren();
    this.made.parentElement.classList.toggle("wide", this.made.textContent.length > 11);
    put(this.rate, line.rate && isTrue ? text("per_min", { rate: rate(line.rate) }) : "");
    this.tick();
  }

  showDay(day) {
    if (!day.gone) drawBars(this.bars, day);
  }

  // The age of what is old rises by itself.
  tick() {
    const { line } = this;
    const notes = [];
    if (line.state === "no-data") notes.push(ageOf(line));
    else if (line.since !== null) notes.push(text("since", { time: time(line.plant, line.since) }));
    if (Number(line.scrap)) notes.push(text("scrap_note", { quantity: number(line.scrap) }));
    if (line.silent.length) notes.push(text("silent_note", { count: line.silent.length }));
    if (areSeveralGateways && line.gateway) notes.push(line.gateway);
    put(this.notes, notes.join(" · "));
  }
}

function takeLines(lines) {
  const seen = new Set(lines.map(keyOf));
  const before = tiles.size;
  for (const line of lines) {
    const key = keyOf(line);
    if (line.gone) tiles.delete(key);
    else if (!tiles.has(key)) tiles.set(key, new Tile(line));
  }
  if (isAnew) {
    for (const key of [...tiles.keys()]) if (!seen.has(key)) tiles.delete(key);
  }
  const plants = new Set([...tiles.keys()].map((key) => key.split("/")[0]));
  tiles.several = plants.size > 1;
  for (const line of lines) if (!line.gone) tiles.get(keyOf(line)).show(line);
  if (isAnew || tiles.size !== before || lines.some((line) => line.gone)) arrange();
  isAnew = false;
  box.classList.toggle("long", [...tiles.values()].some((tile) => tile.name.textContent.length > 5));
  summarize();
}

function takeDays(days) {
  for (const day of days) tiles.get(keyOf(day))?.showDay(day);
}

// Lines have the order of their names. Only a wall of more lines than fit puts the abnormal ones first, at each turn.
function arrange() {
  const keys = [...tiles.keys()].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const pages = isWall ? Math.max(1, Math.ceil(keys.length / MOST)) : 1;
  if (pages > 1) keys.sort((a, b) => rank(a) - rank(b));
  first = first % pages;
  const shown = pages > 1 ? keys.slice(first * MOST, (first + 1) * MOST) : keys;
  const items = shown.map((key) => tiles.get(key).item);
  if (items.length !== box.children.length || items.some((item, index) => item !== box.children[index])) {
    box.replaceChildren(...items);
  }
  const count = pages > 1 ? MOST : shown.length;
  const [columns, rows] = gridOf(Math.max(1, count));
  box.style.setProperty("--columns", columns);
  box.style.setProperty("--rows", rows);
  box.dataset.size = columns <= 4 ? "large" : columns <= 5 ? "medium" : "small";
  box.dataset.page = pages > 1 ? text("page", { page: first + 1, pages }) : "";
  const empty = document.getElementById("empty");
  empty.hidden = tiles.size > 0;
  if (!tiles.size) put(empty, text("empty"));
}

function rank(key) {
  return ORDER.indexOf(tiles.get(key).line?.state ?? "ok");
}

// The columns and rows of the screen that give the largest text: a tile is best 1.6 times as wide as high.
function gridOf(count) {
  let best = [1, count, 0];
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(innerWidth / columns, (innerHeight * 0.95 * 1.6) / rows);
    if (size > best[2]) best = [columns, rows, size];
  }
  return best;
}

function summarize() {
  const counts = new Map();
  for (const { line } of tiles.values()) counts.set(line.state, (counts.get(line.state) ?? 0) + 1);
  const parts = ORDER.filter((state) => counts.has(state))
    .map((state) => `${SHAPES[state]} ${counts.get(state)} ${text(state.replace("-", "_"))}`);
  put(document.getElementById("sum"), [...parts, box.dataset.page ?? ""].filter(Boolean).join("   "));
}

function tick() {
  for (const tile of tiles.values()) if (tile.line) tile.tick();
  if (isWall && tiles.size > MOST && performance.now() - turnedAt > pageEvery) {
    turnedAt = performance.now();
    first += 1;
    arrange();
    summarize();
  }
}

const asked = new URLSearchParams(location.search).get("lines") ?? "";
new Live(`/stream?lines=${encodeURIComponent(asked)}`, {
  lines: takeLines,
  days: takeDays,
  anew: () => { isAnew = true; },
  beat: () => { if (isAnew) takeLines([]); },
  tick,
});

// -- a display on a wall: awake, not burnt in, and new every night

// The error page of a browser does not try again, so a server that is away is waited for.
function renew() {
  if (document.body.classList.contains("lost")) setTimeout(renew, 60000);
  else location.reload();
}

if (isWall) {
  const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
  stayAwake();
  document.addEventListener("visibilitychange", stayAwake);
  let step = 0;
  setInterval(() => {
    step = (step + 1) % 4;
    document.body.style.translate = `${step % 2 ? 4 : 0}px ${step > 1 ? 4 : 0}px`;
  }, 600000);
  const three = new Date();
  three.setHours(27, Math.random() * 60 - 30, 0, 0);
  setTimeout(renew, three - Date.now());
}
