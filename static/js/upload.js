// Files by dragging, with their names, and a bar while they travel: <form data-upload>, <input type=file data-drop>.
// Optional on the input: data-limit="100" (MB). Without a script the plain field and form do the same.
const portal = document.getElementById("portal");
const words = JSON.parse(portal.dataset.words);
const say = (word, values) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);

const size = (bytes) => {
  const unit = bytes < 1048576 ? ["kilobyte", 1024] : ["megabyte", 1048576];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: unit[0], maximumFractionDigits: 1 }).format(bytes / unit[1]);
};

for (const input of document.querySelectorAll("input[type=file][data-drop]")) {
  const zone = Object.assign(document.createElement("div"), { className: "drop" });
  const line = Object.assign(document.createElement("p"), { className: "drop__words", textContent: words.drop });
  const list = Object.assign(document.createElement("ul"), { className: "drop__list" });
  const voice = Object.assign(document.createElement("p"), { className: "meta" });
  voice.setAttribute("role", "status");
  input.before(zone);
  zone.append(line, input, list, voice);
  let chosen = new DataTransfer();

  const draw = () => {
    input.files = chosen.files;
    list.replaceChildren(...[...chosen.files].map((file, place) => {
      const item = document.createElement("li"), name = document.createElement("bdi");
      const away = Object.assign(document.createElement("button"), { type: "button", className: "link-button" });
      name.textContent = `${file.name} (${size(file.size)})`;
      away.textContent = say("remove", { name: file.name });
      away.addEventListener("click", () => {
        const rest = new DataTransfer();
        [...chosen.files].forEach((other, at) => at !== place && rest.items.add(other));
        chosen = rest;
        draw();
        input.focus();
      });
      item.append(name, away);
      return item;
    }));
  };
  const add = (files) => {
    const next = new DataTransfer(), limit = Number(input.dataset.limit || 0);
    voice.textContent = "";
    if (input.multiple) for (const file of chosen.files) next.items.add(file);
    for (const file of input.multiple ? files : [...files].slice(-1)) {
      if (limit && file.size > limit * 1048576) voice.textContent = say("tooBig", { name: file.name, limit });
      else if (![...next.files].some((other) => other.name === file.name && other.size === file.size)) next.items.add(file);
    }
    chosen = next;
    draw();
  };
  input.addEventListener("change", () => add([...input.files]));
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, (event) => { event.preventDefault(); zone.dataset.over = ""; });
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => delete zone.dataset.over);
  zone.addEventListener("drop", (event) => { event.preventDefault(); add([...event.dataTransfer.files]); });
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    if (!files.length || event.defaultPrevented) return;
    event.preventDefault();
    send(form, event.submitter);
  });
}

function send(form, submitter) {
  form.dataset.sending = "";
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  const line = document.createElement("p"), box = Object.assign(document.createElement("div"), { className: "progress" });
  line.setAttribute("role", "status");
  line.textContent = words.sending;
  bar.setAttribute("aria-label", words.sending);
  box.append(line, bar);
  form.querySelector(".progress")?.remove();
  (submitter?.closest(".form__actions") || form.lastElementChild).after(box);

  const fail = () => {
    line.textContent = words.broken;
    bar.remove();
    free(form, submitter);
  };
  const carrier = new XMLHttpRequest();
  let told = -1;
  carrier.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = Math.floor((100 * loaded) / total);
    bar.value = percent;
    if (percent === 100) line.textContent = words.checking;
    else if (percent >= told + 10) line.textContent = say("uploading", { percent: (told = percent) });
  });
  carrier.addEventListener("load", () => {
    const isPage = /^text\/html/.test(carrier.getResponseHeader("Content-Type") || "");
    const page = isPage && new DOMParser().parseFromString(carrier.responseText, "text/html");
    const errors = page && page.querySelector("[data-errors]");
    if (errors) return correct(form, page, errors, box);
    if (carrier.status >= 400 && !page) return fail();
    if (carrier.status >= 400) {
      line.textContent = [...page.querySelectorAll("main h1, main .lead")].map((part) => part.textContent.trim()).join(" – ") || words.broken;
      bar.remove();
      return free(form, submitter);
    }
    // The page it led to is read anew by the browser; what it had to say goes along.
    const said = page && page.querySelector("main > .messages");
    if (said) sessionStorage.setItem("said", said.innerHTML);
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
