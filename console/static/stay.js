// A page stays open while somebody types in it, warns before it closes, and closes when nobody was there.
(() => {
  const { left, login, alive } = document.body.dataset;
  const ending = document.getElementById("ending");
  const MINUTE = 60000;
  let ends = Date.now() + Number(left) * 1000;
  let asked = Date.now();
  let waits = false;

  const forget = () => sessionStorage.clear();

  const close = () => {
    forget();
    document.body.hidden = true;
    window.location.replace(login);
  };

  const look = () => {
    const now = Date.now();
    if (now >= ends) close();
    else ending.hidden = now < ends - 2 * MINUTE;
  };

  const stay = async (atOnce) => {
    if (waits || Date.now() >= ends || (!atOnce && Date.now() - asked < MINUTE)) return;
    waits = true;
    asked = Date.now();
    try {
      const answer = await fetch(alive, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok) ends = Date.now() + (await answer.json()).left * 1000;
      else if (answer.status === 401) ends = Math.min(ends, Date.now() + 2 * MINUTE);
    } catch {
      // the network is away: the page closes at its time all the same
    } finally {
      waits = false;
      look();
    }
  };

  document.addEventListener("input", () => stay(false));
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
  document.querySelector("a.leave").addEventListener("click", forget);
  ending.querySelector("button").addEventListener("click", () => stay(true));
  setInterval(look, 1000);
})();
