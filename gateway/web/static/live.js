// The work of every live page: the stream and its watchdog, the header, and how texts, numbers and times are printed.
"use strict";

const isWall = document.body.classList.contains("wall");
const SHAPES = { "no-data": "✕", "no-run": "◆", rest: "◇", stopped: "■", behind: "▲", ok: "●" };
const LOST_MS = 12000;
const DAY_MS = 86400000;

const plain = new Intl.NumberFormat(page.lang, { maximumFractionDigits: 3 });
const signed = new Intl.NumberFormat(page.lang, { maximumFractionDigits: 3, signDisplay: "exceptZero" });
const whole = new Intl.NumberFormat(page.lang, { maximumFractionDigits: 0 });

function print(format, value) {
  return value === null || value === undefined || value === "" ? "–" : format.format(value).replace("-", "−");
}

function number(value) {
  return print(plain, value);
}

function difference(value) {
  return print(signed, value);
}

function rate(value) {
  return print(Number(value) >= 10 ? whole : plain, value);
}

function age(seconds) {
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}

// A line of which no gateway has told anything has no figures that could be old.
function ageOf(tile) {
  return tile.at === null ? text("never_told") : text("stale_note", { age: age(now() / 1000 - tile.at) });
}

// Times are those of the plant, by the clock of the server: that of a display may be wrong.
const zones = new Map();
const clocks = new Map();
let ahead = 0;

function now() {
  return Date.now() + ahead;
}

function clockOf(zone, isLong) {
  const key = `${zone} ${isLong}`;
  if (!clocks.has(key)) {
    const date = isLong ? { year: "numeric", month: "2-digit", day: "2-digit" } : {};
    const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
    // Sweden writes dates as the other English pages do: 2026-11-30.
    clocks.set(key, new Intl.DateTimeFormat(page.lang === "en" ? "sv-SE" : page.lang, { ...date, ...time }));
  }
  return clocks.get(key);
}

// Of another day it has its date; of a plant whose zone is not known it is UTC, and says so.
function time(plant, at) {
  if (at === null || at === undefined || at === "") return "–";
  const moment = typeof at === "number" ? new Date(at * 1000) : new Date(at);
  if (Number.isNaN(moment.getTime())) return "–";
  const clock = clockOf(zones.get(plant) ?? "UTC", Math.abs(now() - moment) > DAY_MS / 2);
  const shown = clock.format(moment).replace(",", "");
  return zones.has(plant) ? shown : `${shown} UTC`;
}

// -- the header

let plants = [];
let areSeveralGateways = false;

function showClocks() {
  const shown = new Map(plants.map((plant) => [clockOf(plant.zone, false).format(now()), plant.name]));
  const several = shown.size > 1;
  put(document.getElementById("clocks"), [...shown].map(([at, name]) => (several ? `${name} ${at}` : at)).join("  "));
}

function showGateways(told) {
  plants = told.plants;
  areSeveralGateways = told.gateways.length > 1;
  for (const plant of plants) zones.set(plant.plant, plant.zone);
  const title = document.getElementById("plants");
  if (title && plants.length) put(title, plants.map((plant) => plant.name).join(" · "));
  showClocks();
  const pills = told.gateways.map(({ gateway, phase }) => {
    const mark = phase === "ready" ? "good" : ["away", "ended", "silent"].includes(phase) ? "bad" : "warn";
    return [`${gateway} ${texts[`phase_${phase}`] ?? phase}`, mark];
  });
  if (!told.broker.connected) pills.push([text("broker_away", { why: told.broker.why }), "bad"]);
  else if (!pills.length) pills.push([text("no_gateway"), "bad"]);
  if (!told.ledger) pills.push([text("ledger_away"), "warn"]);
  const marks = { good: "●", warn: "▲", bad: "✕" };
  document.getElementById("gateways").replaceChildren(
    ...pills.map(([what, mark]) => make("li", `pill ${mark}`, `${marks[mark]} ${what}`)));
  showAlerts(told);
}

function showAlerts(told) {
  const box = document.getElementById("alerts");
  box.hidden = !told.alerts;
  const summary = box.querySelector("summary");
  const count = told.alerts === 1 ? text("alerts_one") : text("alerts", { count: told.alerts });
  put(summary, `${told.errors ? "■" : "▲"} ${count}`);
  summary.className = `pill ${told.errors ? "bad" : "warn"}`;
  box.querySelector("ul").replaceChildren(...(told.told ?? []).map((alert) => {
    const item = make("li", alert.severity === "error" ? "bad" : "warn");
    item.append(make("strong", "", `${alert.severity === "error" ? "■" : "▲"} ${alert.gateway} ${alert.id}`),
      make("span", "", alert.text), make("span", "hint", alert.hint));
    return item;
  }));
}

// -- the stream

class Live {
  constructor(address, events) {
    this.address = address;
    this.events = { gateways: showGateways, beat: () => {}, ...events };
    this.source = null;
    this.heardAt = performance.now();
    this.tryAt = 0;
    setInterval(() => this.look(), 1000);
    document.addEventListener("visibilitychange", () => this.turn());
    addEventListener("pagehide", () => this.close());
    this.turn();
  }

  open() {
    this.close();
    const source = new EventSource(this.address);
    source.addEventListener("hello", (event) => this.greet(JSON.parse(event.data)));
    for (const [name, work] of Object.entries(this.events)) {
      source.addEventListener(name, (event) => {
        work(JSON.parse(event.data));
        this.hear();
      });
    }
    source.addEventListener("error", () => source.readyState === EventSource.CLOSED && this.ask());
    this.source = source;
    // A refused or frozen stream is tried again by this page: the browser would give up, or wait for ever.
    this.tryAt = performance.now() + LOST_MS + 1000 + Math.random() * 14000;
  }

  close() {
    this.source?.close();
    this.source = null;
  }

  greet(hello) {
    ahead = hello.now * 1000 - Date.now();
    this.events.anew?.();
    const last = Number(sessionStorage.getItem("reloaded") ?? 0);
    if (hello.version !== page.dataset.version && Date.now() - last > 60000) {
      sessionStorage.setItem("reloaded", String(Date.now()));
      location.reload();
    }
  }

  hear() {
    this.heardAt = performance.now();
    this.lose(false);
  }

  lose(isLost) {
    const bar = document.getElementById("lost");
    // The age rises every second beside the alert: within it, it would be read aloud every second.
    const seconds = (performance.now() - this.heardAt) / 1000;
    if (isLost) put(document.getElementById("lost-age"), text("stale_note", { age: age(seconds) }));
    bar.hidden = !isLost;
    document.body.classList.toggle("lost", isLost);
  }

  look() {
    showClocks();
    this.events.tick?.();
    if (this.source === null && !isWall && document.hidden) return;
    const silent = performance.now() - this.heardAt;
    if (silent > LOST_MS) this.lose(true);
    if (silent > LOST_MS && performance.now() > this.tryAt) this.open();
  }

  // Hidden pages give their connection back: a browser has six to one server.
  turn() {
    if (isWall) {
      if (this.source === null) this.open();
    } else if (document.hidden) {
      this.close();
      this.lose(true);
    } else {
      this.open();
    }
  }

  // An event source does not say why it was refused: a person who is signed out is led to the sign-in.
  async ask() {
    try {
      const answer = await fetch(location.href, { method: "HEAD", headers: { accept: "text/html" } });
      if (answer.redirected || answer.status === 401 || answer.status === 403) location.reload();
    } catch {
      // The server is away: the watchdog tries again.
    }
  }
}
