// What every page can do with a script; without one, all of it still works by links and forms.
const own = document.getElementById("portal").dataset;

export const words = JSON.parse(own.words);
export const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);

document.documentElement.dataset.script = "";

// A form that came back: begin at what is to be corrected.
document.querySelector("form [data-errors]")?.focus();
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-errors] a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  const editor = field.closest(".prose-editor")?.querySelector("[contenteditable]");
  (editor || field).focus();
  (editor || field).scrollIntoView({ block: "center" });
});

// What a page said at the end of an upload, shown by the page it led to.
const said = sessionStorage.getItem("said");
if (said) {
  sessionStorage.removeItem("said");
  const place = document.querySelector("main > .messages");
  if (place && !place.children.length) place.innerHTML = said;
}
const sent = sessionStorage.getItem("sent");
if (sent) {
  sessionStorage.removeItem("sent");
  if (document.getElementById(sent)) location.replace(`#${sent}`);
}

// "/" leads to the search box from anywhere but a place where one writes.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.getElementById("find");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// Menus close on Escape and when one goes elsewhere.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

// Deeds that cannot be taken back lightly ask once: <form data-confirm="question" data-confirm-yes="words of the deed">.
const ask = (form, submitter) => {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "dialog-title");
  const title = Object.assign(document.createElement("h2"), { className: "dialog__title", id: "dialog-title" });
  title.textContent = form.dataset.confirm || words.sure;
  const actions = Object.assign(document.createElement("div"), { className: "dialog__actions" });
  const yes = Object.assign(document.createElement("button"), { className: "button", type: "button" });
  yes.dataset.kind = "danger";
  yes.textContent = form.dataset.confirmYes || submitter?.textContent.trim() || words.yes;
  const no = Object.assign(document.createElement("button"), { className: "button", type: "button" });
  no.textContent = words.cancel;
  no.autofocus = true;
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    dialog.close();
    form.dataset.confirmed = "";
    form.requestSubmit(submitter);
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    submitter?.focus();
  });
  actions.append(yes, no);
  dialog.append(title, actions);
  document.body.append(dialog);
  dialog.showModal();
};

// One sending a time: a second click on the way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-confirm") && !form.hasAttribute("data-confirmed")) {
    event.preventDefault();
    return ask(form, event.submitter);
  }
  delete form.dataset.confirmed;
  if (form.method.toLowerCase() !== "post" || event.defaultPrevented) return;
  if (form.hasAttribute("data-sending")) return event.preventDefault();
  form.dataset.sending = "";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) rest(form);
});
export const rest = (form) => {
  delete form.dataset.sending;
  for (const button of document.querySelectorAll("[aria-busy]")) if (button.form === form) button.removeAttribute("aria-busy");
};

// What was kept of a form goes once it was accepted, and all of it when one signs out. A form that led to an error or
// to the sign-in, because the session had ended, was not accepted.
try {
  const sent = JSON.parse(localStorage.getItem("kept-sent")), arrival = performance.getEntriesByType("navigation")[0];
  if (sent && arrival?.type === "navigate") {
    localStorage.removeItem("kept-sent");
    const isRefused = arrival.responseStatus >= 400 || location.pathname.startsWith("/accounts/");
    if (!isRefused && !document.querySelector("[data-errors]")) localStorage.removeItem(sent);
  }
  document.querySelector("form[action='/accounts/logout/']")?.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("kept")) localStorage.removeItem(key);
  });
} catch { /* a browser that keeps nothing */ }

// A filter that is chosen from a list applies at once: <select data-apply>.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-apply]")) event.target.form.requestSubmit();
});

// A proposal that was changed is the person's own: its mark goes.
document.addEventListener("input", (event) => event.target.closest(".field")?.querySelector("[data-proposal]")?.remove());

// Rarer abilities are fetched only by pages that have a place for them.
const abilities = [
  ["[data-picker]:not(script)", own.picker],
  ["form[data-upload], input[type=file][data-drop]", own.upload],
  ["form[data-keep]", own.keep],
  ["[data-similar]:not(script)", own.similar],
  ["[data-bell], [data-topic]", own.ask],
  ["[data-days]:not(script)", own.days],
  ["[data-wait]:not(script)", own.wait],
  ["[data-copy]:not(script)", own.copy],
];
for (const [place, module] of abilities) if (document.querySelector(place)) import(module);

// A search box offers what one may be about to type; that is fetched when somebody begins.
for (const box of document.querySelectorAll("input[data-complete]")) {
  for (const [mark, text] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) box.setAttribute(mark, text);
  const begin = () => import(own.complete).then((module) => module.furnish(box));
  document.activeElement === box ? begin() : box.addEventListener("focus", begin, { once: true });
}
