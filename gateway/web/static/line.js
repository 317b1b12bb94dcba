// The page of a line: its figures and its day from the stream; devices and documents from the ledger, every 15 s.
"use strict";

const { plant, line: name } = document.body.dataset;
const address = `/line/${encodeURIComponent(plant)}/${encodeURIComponent(name)}/latest`;
const one = (id) => document.getElementById(id);
const curve = draw("svg", { role: "img" });
let tile = null;
let day = null;
let detail = null;
let isAnew = false;
let asOf = "";
one("curve").append(curve);

function list(box, pairs) {
  box.replaceChildren(...pairs.map(([term, value]) => {
    const group = make("div");
    group.append(make("dt", "", term), make("dd", "", value));
    return group;
  }));
}

// The word for a name of the program, which stands for itself in a newer version.
function wordFor(kind, name) {
  return texts[`${kind}_${name}`] ?? name;
}

function link(place, name) {
  const element = make("a", "", name);
  element.href = `/${place}/${encodeURIComponent(name)}`;
  return element;
}

function row(cells) {
  const element = make("tr");
  cells.forEach(([content, kind], index) => {
    const cell = make(index ? "td" : "th", kind ?? "");
    cell.append(content);
    if (!index) cell.scope = "row";
    element.append(cell);
  });
  return element;
}

// A line that is gone has no figures: what was shown of it must not look like what it does now.
function forget() {
  [tile, day, detail] = [null, null, null];
  one("head").dataset.state = "no-data";
  put(one("state"), `${SHAPES["no-data"]} ${text("no_data")}`);
  put(one("difference"), "–");
  for (const id of ["difference-word", "notes"]) put(one(id), "");
  for (const id of ["figures", "run", "points"]) one(id).replaceChildren();
  one("points-section").hidden = true;
  showDay();
}

function showTile() {
  if (tile === null) return;
  one("head").dataset.state = tile.state;
  put(one("name"), tile.name);
  put(one("state"), `${SHAPES[tile.state]} ${text(tile.state.replace("-", "_"))}`);
  put(one("product"), tile.product);
  const isTrue = tile.state !== "no-data";
  const isPlanned = tile.difference !== null;
  put(one("difference"), !isTrue ? "–" : isPlanned ? difference(tile.difference) : number(tile.made));
  const word = tile.made === null ? "no_figures" : isPlanned ? "to_plan" : "made_today";
  put(one("difference-word"), isTrue ? text(word) : "");
  const notes = [];
  if (!isTrue) notes.push(ageOf(tile));
  if (tile.since !== null) notes.push(text("since", { time: time(plant, tile.since) }));
  if (tile.silent.length) notes.push(`${text("silent_note", { count: tile.silent.length })}: ${tile.silent.join(", ")}`);
  put(one("notes"), notes.join(" · "));
  const quantity = (value) => (value === null ? "–" : `${number(value)} ${tile.unit}`);
  list(one("figures"), [
    [text("made"), quantity(tile.made)],
    [text("planned_now"), quantity(tile.planned)],
    [text("planned_whole"), quantity(Number(day?.planned) ? day.planned : null)],
    [text("scrap"), number(tile.scrap)],
    [text("rework"), number(tile.rework)],
    [text("rate"), rate(tile.rate)],
    [text("takt"), detail?.takt_s ? `${number(detail.takt_s)} s` : "–"],
    [text("shift"), shiftOf(tile)],
  ]);
}

function shiftOf({ shift, shift_end: end, made }) {
  if (shift) return text("shift_until", { shift, time: time(plant, end) });
  return made === null ? "–" : text("none");
}

function showDay() {
  const isKnown = day !== null && day.hours.length > 0;
  one("no-day").hidden = isKnown;
  one("curve").hidden = !isKnown;
  one("hours").hidden = !isKnown;
  if (!isKnown) return;
  drawCurve(curve, day);
  const values = { made: number(tile?.made), planned: number(tile?.planned), whole: number(day.planned) };
  curve.setAttribute("aria-label", text("curve_text", values));
  one("hours").tBodies[0].replaceChildren(...hoursOf(day).map((hour) => {
    const isBegun = hour.made !== null;
    const lack = isBegun && hour.planned > 0 ? hour.made - hour.planned : null;
    const isOpen = isBegun && hour.until > now();
    const element = row([[hour.hour], [number(hour.planned), "number"], [number(hour.made), "number"],
      [isOpen ? "–" : difference(lack), `number${!isOpen && lack < 0 ? " lack" : ""}`],
      [number(hour.sums[1]), "number"], [number(hour.scrap), "number"]]);
    if (isOpen) element.className = "open";
    return element;
  }));
}

function showDetail() {
  const { run, order } = detail;
  list(one("run"), [
    [text("run_now"), run ? [run.material, run.version, run.batch].filter(Boolean).join(" ") : text("none")],
    [text("state_since"), time(plant, detail.state_since)],
    [text("order"), order ? text("order_open", { order: order.order, quantity: number(order.open) }) : text("none")],
    [text("last_count"), time(plant, detail.last_count)],
    [text("open"), number(detail.open)],
    [text("gateway"), detail.gateway || "–"],
  ]);
  const points = detail.points ?? [];
  one("points-section").hidden = !points.length;
  one("points").replaceChildren(...points.map((point) => {
    const item = make("li");
    item.append(make("strong", "", point.point), make("span", "big", number(point.yield)));
    const notes = [["scrap_note", point.scrap], ["wip", point.wip], ["waiting", point.waiting]];
    for (const [key, quantity] of notes) {
      if (Number(quantity)) item.append(make("span", "", text(key, { quantity: number(quantity) })));
    }
    return item;
  }));
}

let isAsking = false;

async function askLedger() {
  if (document.hidden || isAsking) return;
  isAsking = true;
  try {
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    if (!answer.ok) {
      put(one("asof"), `▲ ${text("ledger_away")} ${asOf}`);
      return;
    }
    const found = await answer.json();
    if (found.zone) zones.set(plant, found.zone);
    one("devices").tBodies[0].replaceChildren(...found.devices.map((device) => row([[link("devices", device.device)],
      [wordFor("word", device.role || device.kind)], [device.point || text("final")], [wordFor("device", device.state)],
      [time(plant, device.heard_at)], [number(device.quarantine), "number"]])));
    one("documents").tBodies[0].replaceChildren(...found.documents.map((paper) => row([[link("documents", paper.document)],
      [paper.reverses ? text("reversal_of", { document: paper.reverses }) : paper.reversed === "none" ? wordFor("word", paper.type)
        : `${wordFor("word", paper.type)}, ${paper.reversed === "partly" ? text("reversed_partly") : text("reversed")}`],
      [paper.material], [number(paper.yield), "number"], [number(paper.scrap), "number"],
      [time(plant, paper.entered_at)]])));
    const isEmpty = !found.documents.length;
    asOf = text("asof", { time: time(plant, found.at) });
    put(one("asof"), `${isEmpty ? `${text("no_documents")} ` : ""}${asOf}`);
  } catch {
    // The server is away: the bar above says so, and the time below says how old the lists are.
  } finally {
    isAsking = false;
  }
}

new Live(`/stream?detail=1&lines=${encodeURIComponent(`${plant}/${name}`)}`, {
  lines: ([found]) => {
    isAnew = false;
    if (found.gone || found.at === null) forget();
    if (found.gone) return;
    tile = found;
    showTile();
    if (day === null) showDay();
  },
  days: ([found]) => { day = found.gone ? null : found; showDay(); showTile(); },
  detail: ([found]) => { detail = found; showDetail(); showTile(); },
  anew: () => { isAnew = true; },
  beat: () => {
    if (isAnew) forget();
    isAnew = false;
  },
  tick: showTile,
});
askLedger();
setInterval(askLedger, 15000);
