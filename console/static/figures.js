// Comfort for figures: tables are open on paper, a button prints, days are asked for only where they count.
(() => {
  "use strict";
  const closed = () => document.querySelectorAll("main details:not([open])");
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...closed()];
    opened.forEach((one) => { one.open = true; });
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((one) => { one.open = false; });
  });

  const button = document.querySelector(".print");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  const period = document.getElementById("period");
  if (period) {
    const show = () => period.form.classList.toggle("fixed", period.value !== "own");
    period.addEventListener("change", show);
    show();
  }
})();
