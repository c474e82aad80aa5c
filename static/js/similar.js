// Shows what already exists while a title is typed or a file arrives: <input data-similar="/address/?q="> in a form fills
// #similar with HTML; files that arrived go along by their keys.
const place = document.getElementById("similar");
place?.setAttribute("aria-live", "polite");
place?.classList.add("similar");

for (const box of document.querySelectorAll("input[data-similar]")) {
  let waiting, asked = 0;
  const ask = async () => {
    const typed = box.value.trim(), turn = ++asked;
    const sent = [...(box.form?.querySelectorAll("input[type=hidden][name$='-sent']") || [])].map((field) => `&sent=${encodeURIComponent(field.value)}`);
    if (typed.length < 4 && !sent.length) return place.replaceChildren();
    const answer = await fetch(box.dataset.similar + encodeURIComponent(typed) + sent.join("")).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.body.childNodes);
  };
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 350);
  });
  box.form?.addEventListener("portal:arrived", ask);
}
