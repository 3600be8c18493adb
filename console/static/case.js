// A case that is open: the way back to its list; ready-made answers; the size of an SMS.
(() => {
  const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
  const EXTENDED = new Set("\f^{}\\[~]|€");
  const open = document.getElementById("case");
  const text = document.getElementById("text");
  const canned = document.getElementById("canned");

  const segments = (words) => {
    const letters = [...words];
    const plain = letters.every((one) => BASIC.has(one) || EXTENDED.has(one));
    const sizes = letters.map((one) => (plain ? (EXTENDED.has(one) ? 2 : 1) : one.length));
    const [single, part] = plain ? [160, 153] : [70, 67];
    if (sizes.reduce((sum, size) => sum + size, 0) <= single) return 1;
    let parts = 1;
    let room = part;
    for (const size of sizes) {
      if (size > room) {
        parts += 1;
        room = part;
      }
      room -= size;
    }
    return parts;
  };

  const count = () => {
    const told = document.getElementById(text.dataset.count);
    const words = text.value.trim();
    told.textContent = words && text.dataset.sms ? text.dataset.sms.replace("##", segments(words)).replace("#", [...words].length) : "";
  };

  const lead = (list) => {
    document.getElementById("to-list").href = list.at;
    const following = list.codes[list.codes.indexOf(open.dataset.code) + 1];
    const next = document.getElementById("next");
    if (!following || following === list.codes[0]) return;
    next.href = next.getAttribute("href").replace(open.dataset.code, following);
    next.hidden = false;
  };

  if (open) {
    const list = sessionStorage.getItem("sawti-list");
    if (list) lead(JSON.parse(list));
  }
  if (text && text.dataset.count) {
    text.addEventListener("input", count);
    count();
  }
  if (canned) {
    document.getElementById("use").addEventListener("click", (event) => {
      event.preventDefault();
      const words = canned.selectedOptions[0].dataset.text;
      if (!words) return;
      text.value = [text.value.trim(), words].filter(Boolean).join("\n");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    });
  }
})();
