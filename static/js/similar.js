// Shows what already exists while a title is typed: <input data-similar="/address/?q="> fills #similar with HTML.
const place = document.getElementById("similar");
place?.setAttribute("aria-live", "polite");
place?.classList.add("similar");

for (const box of document.querySelectorAll("input[data-similar]")) {
  let waiting, asked = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const typed = box.value.trim(), turn = ++asked;
      if (typed.length < 4) return place.replaceChildren();
      const answer = await fetch(box.dataset.similar + encodeURIComponent(typed)).catch(() => null);
      if (!answer?.ok || turn !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...page.body.childNodes);
    }, 350);
  });
}
