// Most readers of a discussion only read, and the editor is heavy: it is fetched when one begins to write.
// <form data-editor="markup of the editor" data-people="/address/?q="> around the editor's textareas; data-at-once
// fetches it as soon as the page stands, and so does a text that is there to be changed.
const form = document.querySelector("form[data-editor]");
const boxes = form ? [...form.querySelectorAll("textarea[data-django-prose-editor-configurable]")] : [];

const fetchEditor = () => {
  const page = new DOMParser().parseFromString(form.dataset.editor, "text/html");
  delete form.dataset.editor;
  for (const node of page.querySelectorAll("script, link")) {
    const made = document.createElement(node.localName);
    for (const { name, value } of node.attributes) if (name !== "defer") made.setAttribute(name, value);
    made.textContent = node.textContent;
    if (node.localName === "script") made.async = false;
    document.head.append(made);
  }
};

// Names of members are offered below the text while one writes "@" and the beginning of a name.
const offerNames = (editor) => {
  const list = Object.assign(document.createElement("p"), { className: "cluster mention", hidden: true });
  list.setAttribute("role", "status");
  editor.view.dom.closest(".prose-editor").after(list);
  const called = () => {
    const { $from, empty } = editor.state.selection;
    if (!empty) return null;
    const before = $from.parent.textBetween(0, $from.parentOffset, " ", " ");
    const found = before.match(/(?:^|[\s(])@([^\s@][^@]{1,40})$/u);
    return found && { typed: found[1], from: $from.pos - found[1].length, to: $from.pos };
  };
  const write = (name) => {
    const call = called();
    if (call) editor.chain().focus().insertContentAt({ from: call.from, to: call.to }, `${name} `).run();
    list.hidden = true;
  };
  let waiting, asked = 0;
  editor.on("update", () => {
    clearTimeout(waiting);
    const call = called(), turn = ++asked;
    if (!call) return (list.hidden = true);
    waiting = setTimeout(async () => {
      const answer = await fetch(form.dataset.people + encodeURIComponent(call.typed)).catch(() => null);
      const people = answer?.ok ? await answer.json() : [];
      if (turn !== asked) return;
      list.replaceChildren(...people.slice(0, 5).map((person) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "button" });
        button.dataset.size = "small";
        const name = document.createElement("bdi");
        name.textContent = `@${person.label}`;
        button.append(name);
        button.addEventListener("click", () => write(person.value));
        return button;
      }));
      list.hidden = !people.length;
    }, 200);
  });
};

if (boxes.length) {
  let begun = boxes.find((box) => box === document.activeElement); // some are quicker than this script
  for (const box of boxes) {
    box.addEventListener("prose-editor:ready", ({ detail: { editor } }) => {
      if (form.dataset.people) offerNames(editor);
      if (box === begun) editor.commands.focus("end");
    });
    box.addEventListener("focus", () => {
      begun = box;
      if (form.dataset.editor) fetchEditor();
    });
  }
  // What was kept, or what the browser filled in on the way back, is marked-up text: nobody should read its marks.
  const filled = () => {
    if (form.dataset.editor && boxes.some((box) => box.value !== "")) fetchEditor();
  };
  for (const box of boxes) box.addEventListener("portal:restored", filled);
  addEventListener("pageshow", filled);
  if (begun || "atOnce" in form.dataset) fetchEditor();
  else filled();
}
