// What a page can do beyond what it does without scripts: times in the viewer's
// zone, parts that renew themselves, and buttons that copy or select.
(() => {
  "use strict";
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

  // dress makes times local; UTC stays in their titles.
  const dress = (root) => {
    for (const t of root.querySelectorAll("time[datetime]")) {
      const at = new Date(t.dateTime);
      if (!Number.isNaN(at.getTime())) t.textContent = local.format(at);
    }
    for (const b of root.querySelectorAll("button[data-copy], button[data-check]")) b.hidden = false;
  };

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // renew asks for a part again and again, and shows what has changed. The part
  // says itself, by having no data-live any more, that nothing else is to come.
  const renew = async (part) => {
    let shown = "";
    while (part.isConnected && part.dataset.live) {
      await pause(Number(part.dataset.every) || 3000);
      if (document.hidden || part.contains(document.activeElement)) continue;
      let answer, text;
      try {
        answer = await fetch(part.dataset.live, { headers: { accept: "text/html" } });
        text = await answer.text();
      } catch {
        continue; // the network is away; it may come back
      }
      if (answer.status === 401 || answer.status === 410) return location.reload(); // which says why
      if (answer.status === 429) continue;
      if (answer.status >= 400 && answer.status < 500) return;
      if (!answer.ok || text === shown) continue;
      shown = text;
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
      if (!fresh) return;
      if (!fresh.dataset.live) delete part.dataset.live;
      part.dataset.every = fresh.dataset.every || "";
      part.replaceChildren(...fresh.childNodes);
      dress(part);
    }
  };

  // check selects all boxes of a name, or none where all are.
  document.addEventListener("click", (e) => {
    const button = e.target.closest("button[data-check]");
    if (!button) return;
    const boxes = [...button.form.querySelectorAll(`input[name="${button.dataset.check}"]`)];
    const all = !boxes.every((b) => b.checked);
    for (const b of boxes) b.checked = all;
  });

  document.addEventListener("click", async (e) => {
    const button = e.target.closest("button[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy";
    }
  });

  dress(document);
  for (const part of document.querySelectorAll("[data-live]")) renew(part);
})();
