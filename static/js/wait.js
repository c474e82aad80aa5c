// Something is being made by the worker: <section data-wait="2" id="…"> is asked for again every so many seconds, slower
// with time, and takes its new state; when nothing waits any more the whole page is drawn anew.
const SECOND = 1000;
let place = document.querySelector("[data-wait]:not(script)"), asked = 0;

const later = () => {
  const pause = Number(place.dataset.wait) * SECOND * Math.min(1 + asked / 20, 5);
  setTimeout(() => (document.hidden ? later() : look()), pause);
};

const look = async () => {
  asked += 1;
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(20 * SECOND) });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(place.id);
    if (!found || !found.hasAttribute("data-wait")) return location.reload();
    if (found.innerHTML !== place.innerHTML) place.replaceChildren(...found.childNodes);
  } catch { /* the network comes back, or not */ }
  later();
};

if (place) later();
