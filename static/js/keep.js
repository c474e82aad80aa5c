// Keeps what is being written in <form data-keep="name"> in this browser until it has been sent and accepted.
const portal = JSON.parse(document.getElementById("portal").dataset.words);
const OLD = 14 * 24 * 3600 * 1000;

const keyOf = (form) => `kept:${location.pathname}:${form.dataset.keep || form.id}`;
const isKept = (field) =>
  field.name && field.name !== "csrfmiddlewaretoken" && !["hidden", "password", "file", "submit", "button"].includes(field.type);

const isTouched = (field) =>
  isKept(field) && (["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : "defaultValue" in field && field.value !== field.defaultValue);
const isNew = performance.getEntriesByType("navigation")[0]?.type === "navigate"; // else the browser may have filled it

const read = (form) => {
  const found = {};
  for (const field of form.elements) {
    if (!isKept(field)) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) (found[field.name] ||= []).push(field.value);
    } else if (field.multiple) found[field.name] = [...field.selectedOptions].map((option) => option.value);
    else if (field.value) found[field.name] = [field.value];
  }
  return found;
};

const write = (form, kept) => {
  for (const field of form.elements) {
    if (!isKept(field) || !(field.name in kept)) continue;
    const values = kept[field.name];
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
    else {
      field.value = values[0];
      (field.closest(".prose-editor") || field).dispatchEvent(new CustomEvent("portal:restored"));
    }
  }
};

const store = {
  get: (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } },
  drop: (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
};

const offer = (form, start) => {
  const line = Object.assign(document.createElement("p"), { className: "kept" });
  line.setAttribute("role", "status");
  const afresh = Object.assign(document.createElement("button"), { className: "link-button", type: "button" });
  line.append(document.createElement("span"), afresh);
  line.firstChild.textContent = portal.kept;
  afresh.textContent = portal.discard;
  afresh.addEventListener("click", () => {
    store.drop(keyOf(form));
    write(form, start);
    for (const field of form.elements) if (isKept(field) && !(field.name in start) && !["checkbox", "radio"].includes(field.type)) field.value = "";
    location.reload();
  });
  form.prepend(line);
};

for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = keyOf(form), kept = store.get(key), start = read(form);
  const isAnswer = form.querySelector("[data-errors]");
  if (kept && Date.now() - kept.at > OLD) store.drop(key);
  else if (kept && !isAnswer && JSON.stringify(kept.fields) !== JSON.stringify(start)) {
    write(form, kept.fields);
    offer(form, start);
  }
  let waiting;
  const keep = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => store.set(key, { at: Date.now(), fields: read(form) }), 400);
  };
  form.addEventListener("input", keep);
  if (isNew && !kept && [...form.elements].some(isTouched)) keep(); // some are quicker than this script
  const sent = () => {
    store.set(key, { at: Date.now(), fields: read(form) });
    store.set("kept-sent", key);
  };
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (!event.defaultPrevented) sent();
  });
  // A form with files goes by a script: it was accepted, or it stays where it is.
  form.addEventListener("portal:sent", sent);
  form.addEventListener("portal:stayed", () => store.drop("kept-sent"));
}
