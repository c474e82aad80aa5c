// Files by dragging, sent in pieces while one writes on, again after a lost connection, found again after a reload:
// <input type=file data-drop data-pieces="/address/"> in a form. Optional: data-limit="100" (MB). The form names what
// arrived in hidden fields. Without a script the plain field and form do the same.
const portal = document.getElementById("portal");
const words = JSON.parse(portal.dataset.words);
const say = (word, values) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);

const size = (bytes) => {
  const unit = bytes < 1048576 ? ["kilobyte", 1024] : ["megabyte", 1048576];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: unit[0], maximumFractionDigits: 1 }).format(bytes / unit[1]);
};

const PIECE = 2 * 1048576;
const WAITS = [1, 2, 4, 8, 15]; // seconds before another try
const lines = new Map(); // form → its files that travel in pieces

const pause = (seconds) => new Promise((go) => {
  const timer = setTimeout(go, seconds * 1000);
  addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true });
});
const tokenOf = (form) => form.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";

// One request with a token; answers { status, said }, status 0 when the line is broken.
const ask = (entry, method, url, body, headers = {}) => new Promise((answer) => {
  const carrier = (entry.carrier = new XMLHttpRequest());
  carrier.open(method, url);
  carrier.setRequestHeader("X-CSRFToken", tokenOf(entry.form));
  for (const [name, value] of Object.entries(headers)) carrier.setRequestHeader(name, value);
  carrier.upload.addEventListener("progress", ({ loaded }) => method === "PATCH" && entry.draw(entry.received + loaded));
  carrier.addEventListener("loadend", () => {
    let said = {};
    try { said = JSON.parse(carrier.responseText); } catch { /* a page, or nothing */ }
    answer({ status: carrier.status, said });
  });
  carrier.timeout = 120000;
  carrier.send(body ?? null);
});

// What tells a file from another of the same name: all of it, or of a large one its beginning, middle and end.
const markOf = async (file) => {
  if (!globalThis.crypto?.subtle) return String(file.lastModified);
  const part = 256 * 1024, middle = Math.floor(file.size / 2);
  const whole = file.size <= 16 * 1048576;
  const bytes = whole ? file : new Blob([file.slice(0, part), file.slice(middle, middle + part), file.slice(-part)]);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer()));
  return [...sum.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("") + (whole ? "" : `-${file.lastModified}`);
};

// Sends a file from where it stands until it is whole; a broken line is waited for, a refusal is said and ends it.
async function travel(entry) {
  for (let tries = 0, odd = 0; !entry.isAway && !entry.isWhole; ) {
    const step = entry.url
      ? await ask(entry, "PATCH", entry.url, entry.file.slice(entry.received, entry.received + PIECE, "application/octet-stream"), {
          "Upload-Offset": entry.received, "Content-Type": "application/octet-stream" })
      : await ask(entry, "POST", entry.door, new URLSearchParams({
          name: entry.file.name, size: entry.file.size, place: entry.place, mark: await markOf(entry.file).catch(() => "") }));
    if (entry.isAway) return;
    if (step.status === 200 || step.status === 201) {
      [tries, odd] = [0, step.status === 201 ? odd : 0];
      entry.take(step.said);
    } else if (step.status === 409 && ++odd < 6) entry.received = step.said.received;
    else if (step.status === 404 && entry.url && ++odd < 3) [entry.url, entry.received] = ["", 0];
    else if (step.status === 401) {
      entry.isSignedOut = true;
      return entry.refuse(step.said.error || words.broken);
    } else if (step.status && step.status < 500) return entry.refuse(step.said.error || words.broken);
    else {
      entry.say(words.resting);
      await pause(WAITS[Math.min(tries++, WAITS.length - 1)]);
      const now = entry.url && !entry.isAway ? await ask(entry, "GET", entry.url) : null;
      if (now?.status === 200) entry.take(now.said);
    }
  }
}

for (const input of document.querySelectorAll("input[type=file][data-drop]")) furnish(input);

function furnish(input) {
  const zone = Object.assign(document.createElement("div"), { className: "drop" });
  const line = Object.assign(document.createElement("p"), { className: "drop__words", textContent: words.drop });
  const list = Object.assign(document.createElement("ul"), { className: "drop__list" });
  const voice = Object.assign(document.createElement("p"), { className: "meta" });
  const aloud = Object.assign(document.createElement("p"), { className: "visually-hidden" }); // what eyes see in the rows
  for (const one of [voice, aloud]) one.setAttribute("role", "status");
  input.before(zone);
  zone.append(line, input, list, voice, aloud);

  if (!input.form) return; // shown as an example
  const { form, name } = input, door = input.dataset.pieces, limit = Number(input.dataset.limit || 0);
  const place = `${location.pathname}#${name}`, memory = `kept-uploads:${place}`;
  if (!lines.has(form)) lines.set(form, []);
  const entries = () => lines.get(form).filter((entry) => entry.name === name);
  let queue = Promise.resolve();

  const remember = () => {
    try {
      if (entries().length) localStorage.setItem(memory, "1");
      else localStorage.removeItem(memory);
    } catch { /* a browser that keeps nothing */ }
  };

  // A file with its row: file (none for what came before a reload), and as far as it has come.
  const open = (file, known = {}) => {
    const item = document.createElement("li"), title = document.createElement("span"), told = document.createElement("span");
    const bar = document.createElement("progress"), away = Object.assign(document.createElement("button"), { type: "button", className: "link-button" });
    const shown = file?.name ?? known.title, total = file?.size ?? known.size;
    title.className = "drop__name";
    title.append(Object.assign(document.createElement("bdi"), { textContent: shown }), ` (${size(total)})`);
    told.className = "drop__told";
    away.textContent = say("remove", { name: shown });
    bar.max = 100;
    bar.setAttribute("aria-label", shown);
    item.append(title, bar, told, away);
    list.append(item);
    const entry = {
      form, name, file, door, place, item, title: shown, size: total, url: "", key: "", received: 0, isWhole: false, isAway: false, heard: 0, ...known,
      say(text) { told.textContent = text; },
      draw(bytes) {
        const percent = Math.min(100, Math.floor((100 * bytes) / total));
        bar.value = percent;
        told.textContent = percent === 100 ? words.checking : say("part", { percent });
        if (percent >= entry.heard + 25 && percent < 100) aloud.textContent = `${shown}: ${say("part", { percent: (entry.heard = percent) })}`;
        entry.form.dispatchEvent(new CustomEvent("portal:travelling"));
      },
      take(said) {
        [entry.url, entry.key, entry.received] = [said.url, said.key, said.received];
        entry.draw(entry.received);
        if (said.is_whole) entry.finish();
      },
      finish() {
        entry.isWhole = true;
        bar.remove();
        told.textContent = words.arrived;
        aloud.textContent = `${shown}: ${words.arrived}`;
        if (!item.querySelector("input")) item.append(Object.assign(document.createElement("input"), { type: "hidden", name: `${name}-sent`, value: entry.key }));
        input.dispatchEvent(new CustomEvent("portal:arrived", { bubbles: true, detail: entry.key }));
      },
      refuse(text) {
        entry.error = aloud.textContent = told.textContent = text;
        item.dataset.tone = "clay";
        bar.remove();
      },
      leave() {
        entry.isAway = true;
        entry.carrier?.abort();
        item.remove();
        lines.set(form, lines.get(form).filter((other) => other !== entry));
        remember();
      },
    };
    away.addEventListener("click", () => {
      entry.leave();
      if (entry.url) ask({ form, draw() {} }, "DELETE", entry.url);
      input.focus();
    });
    lines.get(form).push(entry);
    remember();
    return entry;
  };

  const add = (files) => {
    voice.textContent = "";
    const chosen = input.multiple ? files : files.slice(-1);
    if (!input.multiple) for (const entry of entries()) entry.leave();
    for (const file of chosen) {
      const same = entries().find((entry) => entry.title === file.name && entry.size === file.size);
      if (limit && file.size > limit * 1048576) voice.textContent = say("tooBig", { name: file.name, limit });
      else if (!same || same.error || (!same.file && !same.isWhole)) {
        const before = same && !same.error ? same.url : "";
        same?.leave();
        const entry = open(file);
        entry.done = queue = queue.then(() => travel(entry)).then(() => {
          if (before && before !== entry.url) ask({ form, draw() {} }, "DELETE", before);
        });
      }
    }
    input.value = "";
  };

  const restore = (known) => {
    const { url, key, received, size: bytes, name: title } = known;
    const entry = open(null, { url, key, received, size: bytes, title });
    if (known.is_whole) return entry.finish();
    entry.draw(known.received);
    entry.isLeft = true;
    entry.say(say("goOn", { percent: Math.floor((100 * known.received) / known.size) }));
  };
  for (const sent of form.querySelectorAll(`input[name="${name}-sent"][data-sent]`)) {
    const { sent: title, size: bytes } = sent.dataset;
    restore({ name: title, size: Number(bytes), received: Number(bytes), key: sent.value, url: `${door}${sent.value}/`, is_whole: true });
    sent.remove();
  }
  let hasSome = false;
  try { hasSome = localStorage.getItem(memory) === "1"; } catch { /* a browser that keeps nothing */ }
  if (hasSome) fetch(`${door}?place=${encodeURIComponent(place)}`).then((answer) => (answer.ok ? answer.json() : { uploads: [] })).then(({ uploads }) => {
    const here = new Set(entries().map((entry) => entry.key));
    for (const known of uploads) if (!here.has(known.key)) restore(known);
    remember();
  }).catch(() => {});

  input.addEventListener("change", () => add([...input.files]));
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, (event) => { event.preventDefault(); zone.dataset.over = ""; });
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => delete zone.dataset.over);
  zone.addEventListener("drop", (event) => { event.preventDefault(); add([...event.dataTransfer.files]); });
  if (input.files.length) add([...input.files]); // some are quicker than this script
  form.addEventListener("portal:sent", () => { try { localStorage.removeItem(memory); } catch { /* it keeps nothing */ } });
}

for (const form of new Set([...document.querySelectorAll("form[data-upload]"), ...lines.keys()])) {
  form.addEventListener("submit", async (event) => {
    if ("sending" in form.dataset) return event.preventDefault();
    const files = lines.get(form) || [];
    if (!files.length || event.defaultPrevented) return;
    event.preventDefault();
    const { submitter } = event;
    submitter?.setAttribute("aria-busy", "true");
    const box = progress(form, submitter);
    if (await arrive(form, box)) send(form, submitter, box);
    else {
      box.remove();
      free(form, submitter);
    }
  });
}

// Waits for the files of a form; false when one of them cannot go along, which is then pointed at.
async function arrive(form, box) {
  const files = () => lines.get(form) || [];
  const show = () => {
    const travelling = files().filter((entry) => entry.file && !entry.isWhole && !entry.error);
    const [came, all] = travelling.reduce(([sum, of], entry) => [sum + entry.received, of + entry.file.size], [0, 0]);
    if (all) box.show(Math.floor((100 * came) / all));
  };
  form.addEventListener("portal:travelling", show);
  show();
  for (let waiting; (waiting = files().find((entry) => entry.file && !entry.isWhole && !entry.error)); ) await waiting.done;
  form.removeEventListener("portal:travelling", show);
  if (files().some((entry) => entry.isSignedOut)) return true; // the answer leads to the sign-in; the text is kept
  const left = files().find((entry) => entry.error || entry.isLeft);
  if (!left) return true;
  left.item.querySelector("button").focus();
  left.item.scrollIntoView({ block: "center" });
  return false;
}

function progress(form, submitter) {
  form.dataset.sending = "";
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  const line = document.createElement("p"), box = Object.assign(document.createElement("div"), { className: "progress" });
  let told = -1;
  line.setAttribute("role", "status");
  line.textContent = words.sending;
  bar.setAttribute("aria-label", words.sending);
  box.append(line, bar);
  form.querySelector(".progress")?.remove();
  (submitter?.closest(".form__actions") || form.lastElementChild).after(box);
  return {
    remove: () => box.remove(),
    show(percent) {
      bar.value = percent;
      if (percent >= told + 10 || percent < told) line.textContent = say("uploading", { percent: (told = percent) });
    },
    say: (text) => { line.textContent = text; },
    end: () => bar.remove(),
  };
}

function send(form, submitter, box) {
  box.say(words.sending);
  const fail = () => {
    box.say(words.broken);
    box.end();
    free(form, submitter);
  };
  const carrier = new XMLHttpRequest();
  carrier.addEventListener("load", () => {
    const isPage = /^text\/html/.test(carrier.getResponseHeader("Content-Type") || "");
    const page = isPage && new DOMParser().parseFromString(carrier.responseText, "text/html");
    const errors = page && page.querySelector("[data-errors]");
    if (errors) return correct(form, page, errors, box);
    if (carrier.status >= 400 && !page) return fail();
    if (carrier.status >= 400) {
      box.say([...page.querySelectorAll("main h1, main .lead")].map((part) => part.textContent.trim()).join(" – ") || words.broken);
      box.end();
      return free(form, submitter);
    }
    // The page it led to is read anew by the browser; what it had to say goes along.
    const said = page && page.querySelector("main > .messages");
    if (said) sessionStorage.setItem("said", said.innerHTML);
    // The address no longer names its anchor: what is new on the page is what was sent.
    const sent = page && [...page.querySelectorAll("main article[id]")].filter(({ id }) => !document.getElementById(id)).pop();
    if (sent) sessionStorage.setItem("sent", sent.id);
    form.dispatchEvent(new CustomEvent("portal:sent"));
    location.assign(carrier.responseURL || location.href);
  });
  for (const kind of ["error", "abort", "timeout"]) carrier.addEventListener(kind, fail);
  carrier.open("POST", form.action || location.href);
  carrier.send(new FormData(form, submitter));
}

function free(form, submitter) {
  form.dispatchEvent(new CustomEvent("portal:stayed"));
  delete form.dataset.sending;
  submitter?.removeAttribute("aria-busy");
}

// The form came back with errors: they are put where they belong, and text and chosen files stay as they are.
function correct(form, page, errors, box) {
  box.remove();
  for (const old of form.querySelectorAll(".field__error, [data-errors]")) old.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const error of page.querySelectorAll(".field__error[id]")) {
    const field = document.getElementById(error.id.replace(/_error$/, ""));
    const place = field?.closest(".field");
    if (!place) continue;
    (place.querySelector(":scope > .field__control") || place.lastElementChild).before(error);
    field.setAttribute("aria-invalid", "true");
    const told = (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== error.id);
    field.setAttribute("aria-describedby", [...told, error.id].join(" "));
  }
  const answer = page.querySelector("form input[name=csrfmiddlewaretoken]"), own = form.querySelector("input[name=csrfmiddlewaretoken]");
  if (answer && own) own.value = answer.value;
  form.prepend(errors);
  errors.focus();
  free(form, form.querySelector("[aria-busy]"));
}
