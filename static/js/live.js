// What came since the page was drawn, asked for while somebody looks: the number at the bell, and in an open topic a line
// "2 new answers – show". Nothing moves until one presses it. Asks seldom of an idle page, never of a hidden one.
const own = document.getElementById("portal").dataset;
const bell = document.querySelector("[data-bell]");
const line = document.querySelector(".news[data-topic]");
const posts = document.querySelector(".posts");

const SECOND = 1000, MINUTE = 60 * SECOND;
const LONGEST = 10 * MINUTE; // between two tries while the portal does not answer
const FRESH = 10 * SECOND; // who comes back so soon knows all
let tag = "", failures = 0, turn = 0, isOver = false, waiting, askedAt = Date.now(), usedAt = Date.now();

// How long to the next question: short in a topic that is being read, longer the longer nobody stirs.
const pause = () => {
  const idle = Date.now() - usedAt;
  const steps = line ? [15, 40, 120] : [60, 120, 240];
  const step = steps[idle < 2 * MINUTE ? 0 : idle < 10 * MINUTE ? 1 : 2] * SECOND;
  const chance = 0.85 + 0.3 * Math.random(); // pages opened together do not ask together
  return Math.min(step * 2 ** failures, Math.max(step, LONGEST)) * chance;
};

const wait = () => {
  clearTimeout(waiting);
  if (!isOver && !document.hidden) waiting = setTimeout(ask, pause());
};

const ask = async () => {
  clearTimeout(waiting);
  askedAt = Date.now();
  const mine = ++turn;
  const query = line ? `?topic=${line.dataset.topic}&after=${line.dataset.after}` : "";
  try {
    const answer = await fetch(own.news + query, {
      headers: tag ? { "If-None-Match": tag } : {},
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(20 * SECOND),
    });
    if ([204, 401, 403, 404].includes(answer.status)) isOver = true; // there is nothing to ask any more
    else if (answer.status === 200) {
      const news = await answer.json();
      if (mine !== turn) return; // asked before more was shown
      tag = answer.headers.get("ETag") || "";
      show(news);
    } else if (answer.status !== 304) throw new Error(answer.status);
    failures = 0;
  } catch {
    failures += 1;
  }
  if (mine === turn) wait();
};

const show = (news) => {
  if ("bell" in news && bell) ring(news);
  if (line) offer(news);
};

const ring = ({ bell: number, unread }) => {
  bell.querySelector(".header__count")?.remove();
  if (!number) return;
  const count = Object.assign(document.createElement("span"), { className: "header__count", textContent: number });
  count.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` ${unread}` }));
  bell.append(count);
};

const offer = ({ answers, url, page }) => {
  const present = line.querySelector("a");
  if (!answers) return present?.remove();
  const link = present || Object.assign(document.createElement("a"), { className: "news__link" });
  if (link.textContent !== answers) link.textContent = answers;
  link.href = url;
  link.dataset.page = page;
  if (!present) line.append(link);
};

// The page as it would be drawn now is fetched, and what is new in it is put below what is here already.
const unfold = async (link) => {
  link.setAttribute("aria-busy", "true");
  const answer = await fetch(link.href, { cache: "no-store", signal: AbortSignal.timeout(20 * SECOND) });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const first = page.getElementById(`post-${Number(line.dataset.after) + 1}`);
  const fresh = [];
  for (let node = first; node; node = node.nextElementSibling) fresh.push(node);
  if (!fresh.length) throw new Error("gone");
  document.getElementById("new")?.remove();
  const divider = page.getElementById("new");
  posts.append(...(divider ? [divider] : []), ...fresh);
  for (const place of [".page-head .meta", "nav.pager"]) {
    const [old, now] = [document.querySelector(place), page.querySelector(place)];
    if (old && now) old.replaceWith(now);
    else if (now) posts.after(now);
  }
  line.dataset.after = fresh.at(-1).id.split("-")[1];
  line.replaceChildren();
  tag = "";
  first.tabIndex = -1;
  first.focus({ preventScroll: true });
  (divider || first).scrollIntoView({ block: "start", behavior: "instant" });
};

line?.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.dataset.page !== line.dataset.page) return;
  event.preventDefault();
  if ("staged" in line.dataset) { // new answers stand at their stage, not below
    location.assign(link.href);
    return location.reload();
  }
  if (link.ariaBusy === "true") return;
  try {
    await unfold(link);
    ask();
  } catch {
    location.assign(link.href);
    location.reload(); // the address may differ in its anchor only
  }
});

for (const deed of ["pointerdown", "keydown", "scroll"]) {
  addEventListener(deed, () => {
    const wasIdle = Date.now() - usedAt > 2 * MINUTE;
    usedAt = Date.now();
    if (wasIdle) wait();
  }, { passive: true, capture: true });
}
const back = () => (Date.now() - askedAt > FRESH && !isOver && !document.hidden ? ask() : wait());
document.addEventListener("visibilitychange", back);
addEventListener("pageshow", (event) => event.persisted && back());
addEventListener("online", back);
wait();
