// Tells what is special about a day while it is being chosen: <input type="date" data-days="/address/?">, its hour beside it.
for (const day of document.querySelectorAll("input[data-days]")) {
  const hour = day.parentElement.querySelector("input[type=time]");
  const place = document.createElement("div");
  place.className = "day-said";
  place.setAttribute("aria-live", "polite");
  day.parentElement.append(place);
  let asked = 0;
  const look = async () => {
    const turn = ++asked;
    if (!day.value) return place.replaceChildren();
    const chosen = new URLSearchParams({ day: day.value, hour: hour?.value || "" });
    const answer = await fetch(day.dataset.days + chosen).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.body.childNodes);
  };
  for (const box of [day, hour]) box?.addEventListener("change", look);
  look();
}
