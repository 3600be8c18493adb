// A case or a report that is open: who else is here, and whether it changed, asked every 20 seconds.
(() => {
  const EVERY = 20000;
  const open = document.querySelector("[data-here]");
  const others = document.getElementById("others");
  const changed = document.getElementById("changed");
  let timer;

  const look = async () => {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(`${open.dataset.here}?seen=${open.dataset.seen}`, { credentials: "same-origin", cache: "no-store" });
    } catch {
      return; // the network is away: the next time asks again
    }
    if (answer.status === 404) changed.hidden = false; // it is not for this person any more
    if (answer.status >= 400 && answer.status < 500) stop();
    if (!answer.ok) return;
    const told = await answer.json();
    if (others.textContent !== told.here) others.textContent = told.here;
    others.hidden = !told.here;
    changed.hidden = !told.changed;
  };

  const stop = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };

  timer = setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
})();
