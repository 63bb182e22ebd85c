// What the pages do better with a script. Everything works without it.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  const FILES_MAX = 10;
  const BYTES_MAX = 25e6;
  const one = (selector, root = document) => root.querySelector(selector);

  // Times in the reader's own zone.
  const sameDay = (a, b) => a.toDateString() === b.toDateString();
  const localTimes = (root) => {
    const now = new Date();
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      const day = { day: "numeric", month: "short" };
      if (at.getFullYear() !== now.getFullYear()) day.year = "numeric";
      const text = sameDay(at, now) ? clock : `${at.toLocaleDateString([], day)}, ${clock}`;
      if (time.textContent !== text) time.textContent = text;
      time.title = at.toLocaleString();
    }
  };

  // The conversation stays at its end while the reader is there.
  let atEnd = true;
  const scroll = () => one("#scroll");
  const toEnd = () => {
    const box = scroll();
    if (box && atEnd) box.scrollTop = box.scrollHeight;
  };
  if (scroll()) {
    scroll().addEventListener("scroll", (event) => {
      const box = event.target;
      atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    });
    // The composer grows into it.
    new ResizeObserver(toEnd).observe(scroll());
  }

  // The composer: Enter sends, files by dropping and pasting, a list of what is chosen.
  const grow = (text) => {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight + 2, 260)}px`;
  };
  const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
  const picker = (form) => one("input[type=file]", form);
  const choose = (form, files) => {
    const held = new DataTransfer();
    for (const file of files) held.items.add(file);
    picker(form).files = held.files;
    chosen(form);
  };
  const chosen = (form) => {
    const list = one(".chosen", form);
    const files = [...picker(form).files];
    list.replaceChildren(
      ...files.map((file, index) => {
        const item = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = `${file.name} · ${size(file.size)}`;
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "×";
        remove.setAttribute("aria-label", `Leave out ${file.name}`);
        remove.addEventListener("click", () => {
          choose(form, files.filter((_, other) => other !== index));
          one("textarea", form).focus();
        });
        item.append(name, remove);
        return item;
      }),
    );
    list.hidden = files.length === 0;
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let says = "";
    if (files.length > FILES_MAX) says = `Please send at most ${FILES_MAX} files with one message.`;
    else if (total > BYTES_MAX) says = "These files are larger than 25 MB together. Please send fewer or smaller ones.";
    picker(form).setCustomValidity(says);
    warn(form, says);
  };
  const warn = (form, says) => {
    one(".alert", form)?.remove();
    if (!says) return;
    const alert = document.createElement("p");
    alert.className = "alert";
    alert.setAttribute("role", "alert");
    alert.textContent = says;
    form.prepend(alert);
  };
  const composerOf = (target) => target.closest?.(".composer") ?? null;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.id !== "text") return;
    // On a touch keyboard Enter is the only way to a new line.
    if (matchMedia("(pointer: coarse)").matches && !event.ctrlKey && !event.metaKey) return;
    const form = composerOf(event.target);
    event.preventDefault();
    if (event.target.value.trim() || picker(form).files.length) form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    if (event.target.id === "text") grow(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file]")) chosen(composerOf(event.target));
  });
  document.addEventListener("paste", (event) => {
    const form = composerOf(event.target);
    const files = event.clipboardData?.files;
    if (!form || !files?.length) return;
    event.preventDefault();
    choose(form, [...picker(form).files, ...files]);
  });
  const dragsFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    const form = one(".composer:not(.closed)");
    if (!form || !dragsFiles(event)) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) one(".composer")?.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    const form = one(".composer:not(.closed)");
    if (!form || !dragsFiles(event)) return;
    event.preventDefault();
    form.classList.remove("dropping");
    choose(form, [...picker(form).files, ...event.dataTransfer.files]);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches(".composer")) atEnd = true;
    // A form without htmx is sent once.
    if (!form.hasAttribute("hx-post")) form.classList.add("sending");
  });

  // The preview.
  const reload = () => {
    const frame = one("#preview");
    if (frame) frame.src = frame.src;
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-reload]")) reload();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  });

  // News.
  let session = null;
  const news = () => {
    const now = one("#state [data-session]")?.dataset.session ?? null;
    // What was a kept copy is a living page from now on.
    if (session !== null && session !== "active" && now === "active") reload();
    session = now;
  };
  for (const name of ["htmx:afterSwap", "htmx:sseMessage", "htmx:oobAfterSwap"]) {
    document.addEventListener(name, () => {
      localTimes(document);
      toEnd();
      news();
    });
  }
  // A refused message is there to be mended, a taken one makes room for the next.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "composer") one("#text")?.focus();
  });
  document.addEventListener("htmx:sendError", (event) => {
    const form = one(".composer");
    if (form && event.target.closest?.(".talk")) warn(form, "This could not be sent: the connection is gone. Your words are kept here.");
  });
  document.addEventListener("load", toEnd, true);

  localTimes(document);
  toEnd();
  news();
  const text = one("#text");
  if (text?.value) grow(text);
})();
