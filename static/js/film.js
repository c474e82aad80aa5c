// A film is opened in the page only when somebody asks for it; without a script its link leads to where it is.
for (const place of document.querySelectorAll("[data-film]")) {
  place.querySelector("a").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.className = "film__frame";
    frame.title = place.dataset.words;
    frame.allow = "fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = place.dataset.film;
    place.replaceChildren(frame);
    frame.focus();
  });
}
