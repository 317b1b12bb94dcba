// The page of a scanner: what the gateway has answered fills the screen. Nothing is shown as done before that.
"use strict";

const [, plant, device] = (/^\/scan\/([^/]+)\/([^/]+)$/.exec(location.pathname) ?? []).map(decodeURIComponent);
const SHAPES = { ok: "✔", dup: "❙❙", nok: "✖", prompt: "➜", info: "ℹ" };
const KINDS = { scrap: "scan_kind_scrap", lost: "scan_kind_lost", rework: "scan_kind_rework", start: "scan_kind_start" };
const WATCHED_MS = 10000;
const OLD_MS = 48 * 3600000;
const QUIET_MS = 2000;
const memory = `backflush-scanner-${plant}-${device}`;
const kept = { context: {}, last: [], ahead: 0, lines: [], points: [], reasons: [], ...JSON.parse(localStorage.getItem(memory)) };
const at = (id) => document.getElementById(id);
let queue, sender, sound;
let newest; // the last scan, until it is answered
let link = "ready";

function keep(changes) {
  Object.assign(kept, changes);
  localStorage.setItem(memory, JSON.stringify(kept));
}

// Times are those of the server: the clock of a phone may be wrong.
function clock() {
  return Date.now() + kept.ahead;
}

function show(led, shape, title, what) {
  at("answer").dataset.led = led;
  put(at("shape"), shape);
  put(at("title"), title);
  put(at("what"), what);
}

function beep(led, times) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(Array(times).fill([led === "red" ? 300 : 80, 80]).flat());
  for (let number = 0; sound && number < times; number += 1) {
    const tone = new OscillatorNode(sound, { frequency: led === "red" ? 220 : 880 });
    tone.connect(sound.destination);
    tone.start(sound.currentTime + number * 0.2);
    tone.stop(sound.currentTime + number * 0.2 + 0.1);
  }
}

// -- what stands around the answer

function showContext() {
  const { line, point, operator, material, quantity, kind, reason } = kept.context;
  put(at("place"), [line ?? text("scan_choose_line"), point].filter(Boolean).join(" · "));
  put(at("about"), [kept.product ?? material, operator && text("scan_operator", { operator })].filter(Boolean).join(" · "));
  const armed = [kind && text(KINDS[kind]), reason, quantity && `× ${quantity}`].filter(Boolean).join(" ");
  at("armed").hidden = !armed;
  put(at("armed"), armed && text("scan_next", { armed }));
  at("last").replaceChildren(...kept.last.map(({ shape, name, result }) => {
    const item = make("li");
    item.append(make("span", "", shape), make("span", "name", name), make("span", "", result));
    return item;
  }));
}

async function showLink() {
  const [waiting, refused, first] = [await queue.count(), await queue.refused(), await queue.first()];
  const isOnline = link === "ready" && navigator.onLine;
  const isBad = refused.length || link === "signed-out" || waiting >= MOST_WAITING;
  const isOld = first !== undefined && clock() - first.at > OLD_MS;
  const words = refused.length ? `✖ ${text("scan_refused_count", { count: refused.length })}`
    : link === "signed-out" ? `✖ ${text("scan_signed_out")}`
    : waiting ? `⇪ ${text(isOld ? "scan_old" : "scan_waiting", { count: waiting })}`
    : isOnline ? `● ${text("scan_online")}` : `▲ ${text("scan_offline")}`;
  put(at("link"), words);
  at("link").className = `pill ${isBad ? "bad" : isOnline && !waiting ? "good" : "warn"}`;
}

// -- scans

async function take(data) {
  at("ask").close();
  if (data === null) {
    show("red", "✖", text("scan_unread"), text("scan_again"));
    beep("red", 3);
    return;
  }
  if (!data.trim()) return;
  try {
    newest = await queue.add(data, clock());
  } catch (error) {
    const isFull = error.message === "full";
    show("red", "✖", text("scan_not_kept"), text(isFull ? "scan_full" : "scan_again"));
    beep("red", 3);
    return;
  }
  show("wait", "…", text("scan_sending"), data);
  sender.wake();
  showLink();
}

function isUnwatched(scan) {
  return scan.number !== newest?.number || clock() - scan.at > WATCHED_MS;
}

function tell(what, scan, feedback) {
  link = ["answered", "refused"].includes(what) ? "ready" : what;
  if (link === "ready" && scan.number === newest?.number) newest = undefined;
  if (what === "answered") showAnswer(scan, feedback);
  else if (what === "refused") {
    show("red", "✖", text("scan_refused"), feedback.detail ?? "");
    beep("red", 3);
  } else if (what === "broken") show("red", "✖", text("scan_broken"), feedback);
  else if (what === "signed-out") show("red", "✖", text("scan_signed_out"), text(isSecureContext ? "scan_signed_out_hint" : "insecure", { plant, device }));
  else if (newest) show("blue", "⇪", text("scan_kept"), text("scan_kept_hint"));
  showLink().catch(() => {});
}

function showAnswer(scan, feedback) {
  const { result, title, text: words, data, signal } = feedback;
  show(signal.led, SHAPES[result] ?? "", title, words);
  beep(signal.led, signal.beep);
  const context = contextOf(scan, feedback) ?? kept.context;
  const { description } = data;
  const name = description ?? data.material ?? scan.said.data;
  const last = scan.said.data === "BF:INFO" ? kept.last : [{ shape: SHAPES[result] ?? "", name, result: title }, ...kept.last].slice(0, 3);
  const isSame = context.material === kept.context.material;
  keep({ context, last, product: data.line && description ? description : isSame ? kept.product : undefined });
  showContext();
}

// -- questions

function ask(title, ...content) {
  at("ask-title").textContent = title;
  at("ask-content").replaceChildren(...content);
  at("keys").focus({ preventScroll: true }); // A dialog that closes gives the focus back at once, before its event is told.
  at("ask").showModal();
}

function cards(offers, className = "") {
  const list = make("ul", className);
  list.append(...offers.map(({ card, text: words }) => {
    const item = make("li");
    const button = make("button", "", words);
    button.type = "button";
    button.addEventListener("click", () => take(card));
    item.append(button);
    return item;
  }));
  return list;
}

function field(label, isNumber, work) {
  const form = make("form");
  const input = make("input");
  const name = make("label", "", label);
  input.id = "typed";
  name.htmlFor = "typed";
  input.autocomplete = "off";
  if (isNumber) input.inputMode = "numeric";
  form.append(name, input, make("button", "", text("scan_take")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isNumber && !/^[1-9]\d{0,8}$/.test(input.value)) input.setAttribute("aria-invalid", "true");
    else work(input.value);
  });
  return form;
}

// The keys of a scanner are read by their place, or by the letters of this computer's layout.
function keysButton() {
  const isByPlace = localStorage.getItem(KEYS_READ) !== LETTERS;
  const button = make("button", "quiet", text(isByPlace ? "scan_read_letters" : "scan_read_places"));
  button.addEventListener("click", () => {
    localStorage.setItem(KEYS_READ, isByPlace ? LETTERS : "");
    at("ask").close();
  });
  return button;
}

async function learn(line = kept.context.line ?? "") {
  const sent = Date.now();
  const answer = await fetch(`/scan/${plant}/${device}/choices?at=${encodeURIComponent(line)}`);
  if ([401, 403].includes(answer.status)) tell("signed-out", null);
  if (!answer.ok) return;
  const { now, ...choices } = await answer.json();
  keep({ ...choices, ahead: Math.round(now * 1000 - (sent + Date.now()) / 2) });
  if (link === "away") link = "ready";
  showLink().catch(() => {});
}

// Without a scan that waits, nothing else finds out that the network is there again.
function lookAgain() {
  if (link === "away") learn().catch(() => {});
}

const QUESTIONS = {
  async place() {
    await learn().catch(() => {});
    ask(text("scan_choose_line"), cards(kept.lines), ...(kept.points.length ? [make("h3", "", text("scan_choose_point"))] : []),
      cards(kept.points));
  },
  camera() {
    ask(text("scan_camera"), cameraView(at("ask"), take), field(text("scan_type"), false, take));
  },
  scrap() {
    const others = [["BF:REWORK", "scan_kind_rework"], ["BF:YIELD", "scan_good"]].map(([card, key]) => ({ card, text: text(key) }));
    ask(text("scan_scrap_reason"), cards(kept.reasons), cards(others, "others"));
  },
  quantity() {
    ask(text("scan_quantity"), field(text("scan_quantity_next"), true, (number) => take(`BF:QTY:${number}`)));
  },
  undo() {
    ask(text("scan_undo"), make("p", "", text("scan_undo_hint")), cards([{ card: "BF:UNDO", text: text("scan_undo_now") }]));
  },
  async link() {
    const refused = await queue.refused();
    const list = make("ul", "refused");
    list.append(...refused.map((scan) => {
      const item = make("li");
      const button = make("button", "quiet", text("scan_seen"));
      button.addEventListener("click", async () => {
        await queue.forget(scan.number);
        item.remove();
        showLink();
      });
      item.append(make("strong", "", scan.title), make("span", "", scan.why), make("code", "", scan.said.data), button);
      return item;
    }));
    const words = make("p", "", text("scan_link_hint", { count: await queue.count() }));
    const again = make("a", "", text("scan_connect"));
    again.href = "/pair";
    const check = make("a", "", text("page_scan_check"));
    check.href = "/scan/check";
    ask(text("scan_link"), words, list, ...(link === "signed-out" ? [again] : []), keysButton(), check);
  },
};

// -- the page itself

function noteWhatIsMissing() {
  const missing = [];
  if (!isSecureContext) missing.push(text("scan_needs_https"));
  else if (!navigator.serviceWorker || !navigator.mediaDevices) missing.push(text("scan_browser_lacks"));
  navigator.storage?.persist?.().then((isKept) => {
    if (isKept || matchMedia("(display-mode: standalone)").matches) return;
    at("notes").append(make("li", "", text("scan_install")));
  });
  at("notes").append(...missing.map((words) => make("li", "", words)));
}

// A page of an older version is loaded again, but never between the keys of a scan.
function startWorker(wedge) {
  if (!navigator.serviceWorker) return;
  const wasControlled = Boolean(navigator.serviceWorker.controller);
  const policy = window.trustedTypes?.createPolicy("bf", { createScriptURL: (address) => address }) ??
    { createScriptURL: (address) => address };
  navigator.serviceWorker.register(policy.createScriptURL(`/scan/worker.js?lang=${page.lang}`), { scope: "/scan/" })
    .catch(() => {});
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!wasControlled) return;
    setInterval(() => {
      if (performance.now() - (wedge.at ?? 0) > QUIET_MS && !at("ask").open) location.reload();
    }, QUIET_MS);
  });
}

async function start() {
  const manifest = make("link");
  manifest.rel = "manifest";
  manifest.href = `/scan/${plant}/${device}/manifest`;
  document.head.append(manifest);
  showContext();
  for (const [id, question] of Object.entries(QUESTIONS)) at(id).addEventListener("click", () => question());
  at("ask-end").addEventListener("click", () => at("ask").close());
  addEventListener("pointerdown", () => (sound ??= new AudioContext()));
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  noteWhatIsMissing();
  try {
    queue = await ScanQueue.open(plant, device);
  } catch {
    show("red", "✖", text("scan_broken"), text("scan_no_storage"));
    return;
  }
  sender = new Sender(queue, clock, tell, isUnwatched);
  // Another tab is the same scanner.
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== memory || !newValue) return;
    Object.assign(kept, JSON.parse(newValue));
    showContext();
  });
  const wedge = new Wedge(take, at("keys"));
  startWorker(wedge);
  for (const [place, event] of [[window, "online"], [window, "offline"], [queue.others, "message"]]) {
    place.addEventListener(event, () => showLink());
  }
  addEventListener("online", lookAgain);
  setInterval(lookAgain, LONGEST_PAUSE_MS);
  showLink();
  learn().then(() => kept.context.line ?? take("BF:INFO"), () => tell("away", {}));
}

function stayAwake() {
  if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {});
}

if (device) start();
