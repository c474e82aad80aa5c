// A choice from a long list by typing: <input data-picker="/address/?q=" name="authority"> in a form.
// The address answers [{value, label, hint}]; the visible box holds words, a hidden one of the same name the value.
const words = JSON.parse(document.getElementById("portal").dataset.words);
let made = 0;

for (const box of document.querySelectorAll("input[data-picker]")) furnish(box);

function furnish(box) {
  const id = `picker-${++made}`;
  const value = Object.assign(document.createElement("input"), { type: "hidden", name: box.name, value: box.value });
  const list = Object.assign(document.createElement("ul"), { className: "picker__list", id, hidden: true });
  const voice = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  const frame = Object.assign(document.createElement("div"), { className: "picker" });
  voice.setAttribute("role", "status");
  list.setAttribute("role", "listbox");
  const label = document.querySelector(`label[for="${box.id}"]`);
  if (label) list.setAttribute("aria-label", label.firstChild.textContent.trim());
  box.removeAttribute("name");
  box.value = box.dataset.label || box.value;
  const marks = { role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" };
  for (const [mark, text] of Object.entries(marks)) box.setAttribute(mark, text);
  box.before(frame);
  frame.append(box, value, list, voice);

  let options = [], at = -1, waiting, asked = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const point = (to) => {
    if (!options.length) return;
    at = (to + options.length) % options.length;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    box.setAttribute("aria-activedescendant", `${id}-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const rest = () => { clearTimeout(waiting); ++asked; close(); }; // what is still asked opens no list any more
  const choose = (option) => {
    value.value = option.value;
    box.value = option.label;
    rest();
    value.dispatchEvent(new Event("change", { bubbles: true }));
    box.dispatchEvent(new CustomEvent("picker:chosen", { bubbles: true, detail: option }));
  };
  const show = (found) => {
    options = found;
    list.replaceChildren(...found.map((option, place) => {
      const item = Object.assign(document.createElement("li"), { className: "picker__option", id: `${id}-${place}` });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const name = document.createElement("bdi");
      name.textContent = option.label;
      item.append(name);
      if (option.hint) item.append(Object.assign(document.createElement("small"), { textContent: option.hint }));
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      return item;
    }));
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(!!found.length));
    voice.textContent = found.length ? words.options.replace("{count}", found.length) : words.nothing;
    at = -1;
    box.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    const typed = box.value.trim(), turn = ++asked;
    if (!typed) return show([]), close();
    const answer = await fetch(box.dataset.picker + encodeURIComponent(typed), { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok && turn === asked) show(await answer.json());
  };

  box.addEventListener("input", () => {
    value.value = box.hasAttribute("data-free") ? box.value : "";
    clearTimeout(waiting);
    waiting = setTimeout(ask, 160);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); list.hidden ? ask() : point(at + 1); }
    else if (event.key === "ArrowUp" && !list.hidden) { event.preventDefault(); point(at < 0 ? options.length - 1 : at - 1); }
    else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); rest(); }
    else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (at >= 0 || options.length === 1) choose(options[Math.max(at, 0)]);
    }
  });
  box.addEventListener("blur", rest);
  // What was typed in full but not chosen still counts: the server reads names and codes alike.
  box.form?.addEventListener("submit", () => { if (!value.value) value.value = box.value; }, { capture: true });
}
