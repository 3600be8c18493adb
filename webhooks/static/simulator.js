// The simulator's phone: sends a text, shows the thread, asks again every second while the page is seen.
const thread = document.getElementById("thread");
const form = document.getElementById("write");
const text = document.getElementById("text");
const count = document.getElementById("count");
const own = document.getElementById("own");
const screen = document.querySelector(".phone");
const phones = [...document.querySelectorAll("#phones button")];
const channels = [...document.querySelectorAll('input[name="channel"]')];
let current = phones.find((phone) => phone.dataset.asked) || phones[0];
let waitsFor = 0;
let shown = "";

const channel = () => current.dataset.staff ? current.dataset.channel : channels.find((c) => c.checked).value;
const where = () => new URLSearchParams({ phone: current.dataset.phone, channel: channel() });

function bubble(line) {
  const item = document.createElement("li");
  item.dir = "auto";
  item.className = line.out ? "" : "own";
  if (line.text === null) {
    item.classList.add("sealed");
    item.textContent = "kept in private";
  } else {
    item.textContent = line.text;
  }
  const small = document.createElement("small");
  small.dir = "ltr";
  const parts = [new Date(line.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })];
  if (channel() === "sms" && line.segments) parts.push(`${line.segments} SMS`);
  if (line.out) parts.push(line.state);
  small.textContent = parts.join(" · ");
  item.append(small);
  return item;
}

function note(words, name) {
  const item = document.createElement("li");
  item.className = name;
  item.textContent = words;
  return item;
}

async function refresh() {
  let lines;
  try {
    const answer = await fetch(`/simulator/thread?${where()}`);
    if (!answer.ok) return;
    lines = await answer.json();
  } catch {
    return; // the service restarts; the next second asks again
  }
  if (lines.some((line) => line.out && line.id > waitsFor)) waitsFor = 0;
  const key = JSON.stringify([where().toString(), lines, waitsFor]);
  if (key === shown) return;
  shown = key;
  const items = lines.map(bubble);
  if (!items.length) items.push(note(current.dataset.staff ? "A focal point's phone. Alerts arrive here." : "Nothing yet. Write something, or try one of the examples.", "empty"));
  if (waitsFor) items.push(note("•••", "typing"));
  thread.replaceChildren(...items);
  thread.scrollTop = thread.scrollHeight;
}

function look() {
  phones.forEach((phone) => phone.setAttribute("aria-pressed", String(phone === current)));
  screen.dataset.look = current.dataset.staff ? "staff" : channel();
  own.textContent = `${current.dataset.phone} · ${channel() === "sms" ? "SMS" : "WhatsApp"}`;
  waitsFor = 0;
  refresh();
}

async function send(words) {
  const body = JSON.stringify({ phone: current.dataset.phone, channel: channel(), text: words });
  const answer = await fetch("/simulator/send", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!answer.ok) {
    count.textContent = "That could not be sent. Try again.";
    return;
  }
  waitsFor = (await answer.json()).id;
  text.value = "";
  measure();
  refresh();
}

let asked = 0;
async function measure() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 130)}px`;
  if (!text.value || channel() !== "sms") {
    count.textContent = "";
    return;
  }
  const mine = ++asked;
  const answer = await fetch("/simulator/count", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text: text.value }) });
  if (!answer.ok || mine !== asked) return;
  const { encoding, units, segments } = await answer.json();
  count.textContent = `${units} characters, ${segments} SMS (${encoding === "gsm7" ? "GSM-7" : "UCS-2"})`;
}

phones.forEach((phone) => phone.addEventListener("click", () => { current = phone; look(); }));
channels.forEach((radio) => radio.addEventListener("change", look));
document.getElementById("examples").addEventListener("click", (event) => {
  if (event.target.tagName === "BUTTON" && !current.dataset.staff) send(event.target.textContent);
});
form.addEventListener("submit", (event) => { event.preventDefault(); if (text.value.trim()) send(text.value); });
text.addEventListener("input", measure);
text.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); } });
setInterval(() => { if (!document.hidden) refresh(); }, 1000);
look();
