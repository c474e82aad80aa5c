// The rich-text editor speaks the reader's language, has a name and a direction, and turns lists pasted from Word into lists.
// Loaded before the editor's own modules (see editor_media), because they take window.gettext when they start.
(() => {
  const words = JSON.parse(document.currentScript.dataset.words);
  const named = {
    bold: "bold", italic: "italic", underline: "underline", strike: "strike", strikethrough: "strike", blockquote: "blockquote",
    "unordered list": "bulletList", "bullet list": "bulletList", "ordered list": "orderedList", "horizontal rule": "horizontalRule",
    "insert link": "link", "add link": "link", link: "link", "Edit Link": "link", "remove link": "unlink", unlink: "unlink",
    undo: "undo", redo: "redo", "insert table": "table", "Insert Table": "table", "heading 2": "heading2", "heading 3": "heading3",
    paragraph: "paragraph", Paragraph: "paragraph", Insert: "ok", Update: "ok", Cancel: "cancel", URL: "address", Title: "title",
    "Open in new window": "openInNewTab", "List properties": "listProperties", Rows: "rows", Columns: "columns",
    "Include header row": "headerRow", "add column before": "columnBefore", "add column after": "columnAfter",
    "delete column": "columnAway", "add column": "columnAfter", "add row": "rowAfter", "add row before": "rowBefore", "add row after": "rowAfter", "delete row": "rowAway",
    "toggle header cell": "headerCell", "delete table": "tableAway", "merge cells": "merge", "split cell": "split",
    "Edit HTML": "html", "List type": "listProperties", "Start at": "startAt", "Bullets": "bulletList", "Decimal numbers": "orderedList",
  };
  const told = (text) => words[named[text] ?? named[text?.toLowerCase()]] || text;
  window.gettext = told;

  // The editor would add inline styles, which the policy of the page refuses; it does not when it finds theirs. Ours are in editor.css.
  const place = document.createElementNS(null, "style");
  place.setAttribute("data-tiptap-style", "");
  document.head.append(place);

  const name = (button) => {
    if (/^(bold|italic|underline|strike|ordered)/.test(button.title)) button.dataset.plain = "";
    const said = told(button.title || button.getAttribute("aria-label"));
    if (!said || button.title === said) return;
    button.title = said;
    button.setAttribute("aria-label", said);
  };

  const listsOfWord = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    let list = null;
    for (const line of [...page.body.querySelectorAll("p")]) {
      const style = line.getAttribute("style") || "";
      if (!/MsoListParagraph/.test(line.className) && !/mso-list:/.test(style)) { list = null; continue; }
      const mark = [...line.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(span.getAttribute("style") || ""));
      const kind = mark && /[\d٠-٩]|^\s*[a-zא-י][.)]/.test(mark.textContent) ? "ol" : "ul";
      mark?.remove();
      if (!list || list.localName !== kind || list.nextElementSibling !== line) line.before((list = page.createElement(kind)));
      const item = page.createElement("li"), inner = page.createElement("p");
      inner.append(...line.childNodes);
      item.append(inner);
      list.append(item);
      line.remove();
    }
    return page.body.innerHTML;
  };

  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    const box = editor.view.dom, frame = box.closest(".prose-editor");
    const label = document.querySelector(`label[for="${textarea.id}"]`);
    if (label) {
      label.id ||= `${textarea.id}-label`;
      label.addEventListener("click", () => box.focus());
    }
    const marks = { role: "textbox", "aria-multiline": "true", dir: "auto", spellcheck: "true", lang: textarea.lang || document.documentElement.lang };
    if (label) marks["aria-labelledby"] = label.id;
    else if (textarea.getAttribute("aria-label")) marks["aria-label"] = textarea.getAttribute("aria-label");
    if (textarea.getAttribute("aria-describedby")) marks["aria-describedby"] = textarea.getAttribute("aria-describedby");
    for (const [mark, text] of Object.entries(marks)) box.setAttribute(mark, text);

    const tellWhatRests = () => {
      for (const button of frame.querySelectorAll(".prose-menubar__button")) button.ariaDisabled = button.matches(".disabled");
    };
    const dress = () => {
      const bar = frame.querySelector(".prose-menubar");
      bar?.setAttribute("role", "toolbar");
      bar?.setAttribute("aria-label", words.toolbar);
      for (const button of bar?.querySelectorAll("button, [title]") || []) name(button);
      for (const option of bar?.querySelectorAll(".prose-menubar__option > *") || []) option.textContent = told(option.textContent);
      tellWhatRests();
    };
    editor.on("create", () => setTimeout(dress));
    editor.on("transaction", () => setTimeout(tellWhatRests));
    setTimeout(dress);

    editor.view.setProps({ transformPastedHTML: listsOfWord });
    editor.on("update", () => textarea.dispatchEvent(new Event("input", { bubbles: true })));
    frame.addEventListener("portal:restored", () => editor.commands.setContent(textarea.value));
  });
})();
