// The list of feedback: keys, and ticks that are counted. The page works without it.
(() => {
  const OFF = "sawti-keys-off";
  const byId = (id) => document.getElementById(id);
  const picks = () => [...byId("rows").querySelectorAll("input[name=pick]")];
  const links = () => [...byId("rows").querySelectorAll("a.code-name")];

  // A form sends only what was chosen: short addresses.
  document.querySelector(".narrow-by").addEventListener("submit", (event) => {
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    for (const field of document.querySelector(".narrow-by").elements) field.disabled = false;
    count();
  });

  // A case leads back to this list, and on to the next one in it. Kept by this tab only.
  function remember() {
    const codes = links().map((link) => link.textContent);
    sessionStorage.setItem("sawti-list", JSON.stringify({ at: location.pathname + location.search, codes }));
  }

  // Ticks.
  const bulk = document.querySelector(".bulk");
  const all = byId("tick-all");
  function count() {
    const ticked = picks().filter((pick) => pick.checked).length;
    byId("ticked").textContent = ticked ? `(${ticked})` : "";
    bulk.classList.toggle("some", ticked > 0);
    all.checked = ticked > 0 && ticked === picks().length;
    all.indeterminate = ticked > 0 && ticked < picks().length;
  }
  document.querySelector(".tick-all").hidden = false;
  all.addEventListener("change", () => {
    for (const pick of picks()) pick.checked = all.checked;
    count();
  });
  byId("many").addEventListener("change", count);

  // Keys: only where nobody types, and only as long as they are not switched off.
  const help = byId("keys");
  const on = byId("keys-on");
  const isOn = () => localStorage.getItem(OFF) === null;
  on.checked = isOn();
  on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  const here = () => links().findIndex((link) => link.closest("li").contains(document.activeElement));
  const go = (by) => {
    const at = here();
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), links().length - 1);
    links()[next]?.focus();
  };
  const DO = {
    j: () => go(1),
    k: () => go(-1),
    x: () => here() >= 0 && picks()[here()].click(),
    o: () => here() >= 0 && links()[here()].click(),
    "/": () => byId("q").focus(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable], dialog");
    if (types || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !isOn()) return;
    if (!Object.hasOwn(DO, event.key)) return;
    event.preventDefault();
    DO[event.key]();
  });
  byId("show-keys").addEventListener("click", () => help.showModal());

  // live.js has put other rows in their place.
  document.addEventListener("sawti:fresh", () => {
    remember();
    count();
  });
  remember();
})();
