// <button data-copy="id" data-done="Copied">: the words of an element to the clipboard; without a script one marks them.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const place = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText((place.querySelector("[data-words]") || place).textContent.trim());
    const told = Object.assign(document.createElement("span"), { className: "copied", textContent: button.dataset.done });
    told.setAttribute("role", "status");
    button.after(told);
    setTimeout(() => told.remove(), 2500);
  });
}
