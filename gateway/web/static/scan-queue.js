// The queue of a scanner. Each scan is kept under an id of its own before anything is shown, and sent in order, one
// after the other, until the gateway's own answer with that id has come. A repetition is the same scan, unchanged. When a
// scan is sent first, it gets the line and the operator at which the answers before it have left the scanner, once for all
// tabs: each line has its gateway, and no gateway knows what a scanner is set to at another one.
"use strict";

const ANSWER_MS = 8000;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 15000;
const STORED_MS = 60000;
const MOST_WAITING = 5000;
const UNKNOWN_OPERATOR = "BF3023";

// UUIDv7 (RFC 9562): its beginning is the time. Without https a browser has no `crypto.randomUUID`.
function newId(at) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(at) << 16n) | (BigInt(bytes[6]) << 8n) | BigInt(bytes[7]));
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

class ScanQueue {
  static async open(plant, device) {
    const name = `backflush-scanner-${plant}-${device}`;
    const request = indexedDB.open(name, 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore("waiting", { keyPath: "number", autoIncrement: true });
        request.result.createObjectStore("refused", { keyPath: "number" });
      }
      request.result.createObjectStore("setting");
    };
    const queue = new ScanQueue();
    queue.base = await done(request);
    queue.base.onversionchange = () => queue.base.close();
    queue.others = new BroadcastChannel(name); // the pages of other tabs, which have the same queue
    queue.plant = plant;
    queue.device = device;
    return queue;
  }

  // Resolves when it is on the disk, and not sooner: the operator puts the piece away then.
  change(stores, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.base.transaction(stores, "readwrite", { durability: "strict" });
      const [request] = [work(...stores.map((name) => transaction.objectStore(name)))].flat();
      transaction.oncomplete = () => {
        this.others.postMessage("changed");
        resolve(request.result);
      };
      transaction.onabort = () => reject(transaction.error);
    });
  }

  read(store) {
    return this.base.transaction(store).objectStore(store);
  }

  async add(data, at) {
    if (await this.count() >= MOST_WAITING) throw new Error("full");
    const said = { id: newId(at), ts: new Date(at).toISOString(), plant: this.plant, device: this.device, data };
    const number = await this.change(["waiting"], (waiting) => waiting.add({ said, at }));
    return { number, said, at };
  }

  async first() {
    const [scan] = await done(this.read("waiting").getAll(null, 1));
    return scan;
  }

  count() {
    return done(this.read("waiting").count());
  }

  // Resolves to the scan as it is sent, now and again; to nothing if it has left the queue.
  address(scan) {
    return this.change(["waiting", "setting"], (waiting, setting) => {
      const found = waiting.get(scan.number);
      setting.get(0).onsuccess = ({ target }) => {
        if (found.result === undefined || found.result.addressed) return;
        Object.assign(found.result.said, target.result);
        waiting.put(Object.assign(found.result, { addressed: true }));
      };
      return found;
    });
  }

  // Takes a scan out, with the answer that tells what the scanner is set to; a refusal that nobody saw at its time is kept
  // until somebody has. A scan that has left the queue was answered in another tab.
  leave(scan, feedback, refusal) {
    return this.change(["waiting", "refused", "setting"], (waiting, refused, setting) => {
      const found = waiting.get(scan.number);
      found.onsuccess = () => {
        if (found.result === undefined) return;
        waiting.delete(scan.number);
        if (refusal) refused.put({ ...scan, ...refusal });
        const context = contextOf(scan, feedback);
        if (context === undefined) return;
        const { plant, line, operator } = context;
        setting.put({ line: plant === this.plant ? line : undefined, operator }, 0);
      };
      return found;
    });
  }

  refused() {
    return done(this.read("refused").getAll());
  }

  forget(number) {
    return this.change(["refused"], (refused) => refused.delete(number));
  }
}

// Returns what an answer says that the scanner is set to. An undo goes to the line of its posting, and its answer tells of
// the scanner there: it stays where it is.
function contextOf({ said }, { result, code, data: { context } = {} }) {
  if (context === undefined) return undefined;
  if (said.line && context.line !== said.line && !["info", "prompt"].includes(result)) return undefined;
  return code === UNKNOWN_OPERATOR ? { ...context, operator: undefined } : { operator: said.operator, ...context };
}

// Sends what waits. `tell` gets each scan with what became of it: an answer, or why it is kept. A refusal of a scan that
// is `unwatched` is seen by nobody at its time, so it is kept.
class Sender {
  constructor(queue, clock, tell, unwatched) {
    this.queue = queue;
    this.clock = clock;
    this.tell = tell;
    this.unwatched = unwatched;
    this.pause = FIRST_PAUSE_MS;
    this.wake = () => {};
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    this.run();
  }

  async run() {
    for (;;) {
      let pause = null;
      try {
        const scan = await this.queue.first();
        const sent = scan === undefined || scan.addressed ? scan : await this.queue.address(scan);
        if (sent !== undefined && !await this.send(sent)) pause = this.pause * (0.8 + 0.4 * Math.random());
        else if (scan !== undefined) continue;
      } catch (error) {
        this.tell("broken", null, String(error));
        pause = LONGEST_PAUSE_MS;
      }
      if (pause !== null) this.pause = Math.min(this.pause * 1.5, LONGEST_PAUSE_MS);
      await new Promise((resolve) => {
        this.wake = resolve;
        if (pause !== null) setTimeout(resolve, pause);
      });
    }
  }

  // Returns whether the scan has left the queue.
  async send(scan) {
    const said = this.clock() - scan.at > STORED_MS ? { ...scan.said, hist: true } : scan.said;
    let answer, feedback;
    try {
      answer = await fetch("/api/v1/scans", {
        method: "POST", body: JSON.stringify(said), headers: { "content-type": "application/json" },
        signal: AbortSignal.timeout(ANSWER_MS) });
      feedback = await answer.json().catch(() => ({}));
    } catch {
      this.tell("away", scan);
      return false;
    }
    if (answer.status === 200 && feedback.ref === scan.said.id) {
      this.pause = FIRST_PAUSE_MS;
      const isSeen = feedback.result !== "nok" || !this.unwatched(scan);
      await this.queue.leave(scan, feedback, isSeen ? undefined : { title: feedback.title, why: feedback.text });
      this.tell("answered", scan, feedback);
      return true;
    }
    // A proxy has refusals of its own: those are none of the gateway's.
    const isOurs = answer.headers.get("content-type")?.startsWith("application/problem+json");
    if (isOurs && [400, 413, 422].includes(answer.status)) {
      await this.queue.leave(scan, {}, { title: feedback.code ?? String(answer.status), why: feedback.detail ?? "" });
      this.tell("refused", scan, feedback);
      return true;
    }
    this.tell([401, 403].includes(answer.status) ? "signed-out" : answer.status === 202 ? "unknown" : "away", scan);
    return false;
  }
}
