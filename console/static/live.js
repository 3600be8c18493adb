// A list stays up to date while its page is open: what came or changed is put in its place. The page works without it.
(() => {
  const EVERY = 20000;
  const EVERY_HIDDEN = 60000;
  const byId = (id) => document.getElementById(id);
  const codes = (root) => [...root.querySelectorAll("li .code-name")].map((link) => link.textContent);
  const rowOf = (root, code) =>
    [...root.querySelectorAll("li")].find((row) => row.querySelector(".code-name")?.textContent === code);
  const title = document.title;
  let asked = Date.now();
  let unseen = 0;
  let waits = false;

  // Somebody works with these: they stay as they were read, so that what is sent with them is what was seen.
  const isHeld = (row) => row.contains(document.activeElement) || row.querySelector("input:checked") !== null;

  function keepHeld(old, part) {
    for (const row of [...old.querySelectorAll("li")].filter(isHeld)) {
      const twin = rowOf(part, row.querySelector(".code-name").textContent);
      if (twin) twin.replaceWith(row);
      else (part.matches("ol, ul") ? part : part.querySelector("ol, ul"))?.append(row);
    }
  }

  // The first row on the screen stays where it is, whatever comes above it.
  function anchor() {
    const row = [...document.querySelectorAll("[data-part] li")].find((one) => one.getBoundingClientRect().top >= 0);
    const code = row?.querySelector(".code-name")?.textContent;
    const top = row?.getBoundingClientRect().top;
    return () => {
      const again = code && window.scrollY > 0 && rowOf(document, code);
      if (again) window.scrollBy({ top: again.getBoundingClientRect().top - top, behavior: "instant" });
    };
  }

  function take(page) {
    const known = new Set(codes(document));
    const hold = anchor();
    const focused = document.activeElement;
    for (const part of page.querySelectorAll("[data-part]")) {
      const old = byId(part.id);
      keepHeld(old, part);
      old.replaceWith(part);
    }
    for (const part of page.querySelectorAll("[data-part-hidden]")) byId(part.id).hidden = part.hidden;
    if (focused?.isConnected) focused.focus({ preventScroll: true });
    hold();
    const came = codes(document).filter((code) => !known.has(code));
    for (const code of came) rowOf(document, code).classList.add("came");
    const live = byId("live");
    const fresh = page.getElementById("live");
    live.dataset.live = fresh.dataset.live;
    live.textContent = fresh.textContent;
    unseen = document.hidden ? unseen + came.length : 0;
    document.title = unseen ? `(${unseen}) ${title}` : title;
    document.dispatchEvent(new Event("sawti:fresh"));
  }

  async function look() {
    if (waits || !byId("live")?.dataset.live) return;
    waits = true;
    asked = Date.now();
    try {
      const answer = await fetch(byId("live").dataset.live, { credentials: "same-origin", cache: "no-store" });
      if (answer.status === 200) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else if (answer.status >= 400 && answer.status < 500) delete byId("live").dataset.live;
    } catch {
      // the network is away: asked again later
    } finally {
      waits = false;
    }
  }

  setInterval(() => {
    if (Date.now() - asked >= (document.hidden ? EVERY_HIDDEN : EVERY)) look();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = title;
    look();
  });
})();
