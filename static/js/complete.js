// Offers names and titles while one types: <input data-complete="/address/?q="> in a frame that is positioned.
// The address answers [{label, kind, hint, url}]. Choosing one goes to its page; Enter alone searches, as without a script.
const words = JSON.parse(document.getElementById("portal").dataset.words);
const PAUSE = 120, SHORTEST = 2;

export function furnish(box) {
  const id = `${box.id}-offers`;
  const list = Object.assign(document.createElement("ul"), { className: "picker__list", id, hidden: true });
  const voice = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  voice.setAttribute("role", "status");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.offers);
  box.parentElement.append(list, voice);
  box.setAttribute("aria-controls", id);

  const answers = new Map();
  let offers = [], at = -1, typed = "", waiting, asked = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  // Beyond either end one is back at what was typed.
  const point = (to) => {
    at = to >= offers.length ? -1 : to < -1 ? offers.length - 1 : to;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    if (at < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", `${id}-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const part = (name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  };
  const show = (found) => {
    offers = found;
    list.replaceChildren(...found.map((offer, place) => {
      const item = Object.assign(document.createElement("li"), { className: "picker__option", id: `${id}-${place}` });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const note = part("small", "");
      note.append(part("bdi", offer.kind));
      if (offer.hint) note.append(" · ", part("bdi", offer.hint));
      item.append(part("bdi", offer.label), " ", note);
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => location.assign(offer.url));
      return item;
    }));
    at = -1;
    box.removeAttribute("aria-activedescendant");
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(!!found.length));
    voice.textContent = found.length ? words.options.replace("{count}", found.length) : "";
  };
  const ask = async () => {
    typed = box.value.trim();
    const turn = ++asked;
    if (typed.length < SHORTEST) return show([]);
    if (!answers.has(typed)) {
      const answer = await fetch(box.dataset.complete + encodeURIComponent(typed), { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer?.ok) return turn === asked && close();
      answers.set(typed, await answer.json());
    }
    if (turn === asked && document.activeElement === box) show(answers.get(typed));
  };

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isDown = event.key === "ArrowDown", isUp = event.key === "ArrowUp";
    if (isDown || isUp) {
      event.preventDefault();
      if (list.hidden) return isDown && ask();
      point(isDown ? at + 1 : at - 1);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      rest();
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      location.assign(offers[at].url);
    }
  });
  const rest = () => { clearTimeout(waiting); ++asked; close(); };
  box.addEventListener("blur", rest);
  box.form.addEventListener("submit", rest);
  if (document.activeElement === box && box.value !== box.defaultValue) waiting = setTimeout(ask, PAUSE); // some are quicker
}
