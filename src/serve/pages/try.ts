// The page to drop a picture on.
import { escapeHtml, links, type Page, pageOf } from "./frame.ts";

const own = `
.drop{display:flex;flex-direction:column;align-items:center;justify-content:center;gap:.5rem;min-height:13rem;text-align:center;border:2px dashed var(--line);border-radius:12px;background:var(--card);padding:1rem;cursor:pointer;transition:border-color .15s,background .15s}
.drop:hover,.drop.over{border-color:var(--accent);background:var(--soft)}
.drop input{position:absolute;opacity:0;width:1px;height:1px}
.drop:focus-within{outline:2px solid var(--accent);outline-offset:2px}
.drop strong{font-size:1.15rem}
.controls{display:flex;flex-wrap:wrap;gap:.75rem 1.5rem;align-items:center;margin:0 0 1rem}
select{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.35rem .6rem;max-width:100%}
label.check{display:flex;gap:.5rem;align-items:center}
#answers{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem;margin-top:1rem}
.answer{display:grid;grid-template-columns:6rem minmax(0,1fr);gap:1rem;align-items:start;margin:0}
.answer img{width:6rem;height:6rem;object-fit:contain;border-radius:8px;background:var(--ground);}
.answer h2{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-size:.9rem;font-weight:500;color:var(--faint)}
.row{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 .75rem;font-variant-numeric:tabular-nums}
.row span:first-child{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.row:first-of-type{font-weight:600}
.bar{grid-column:1/-1;height:6px;border-radius:3px;background:var(--line);margin:.1rem 0 .45rem;overflow:hidden}
.bar i{display:block;height:100%;border-radius:3px;background:var(--accent)}
.bad{color:var(--bad)}
`;

const script = `
const $ = (id) => document.getElementById(id);
const drop = $("drop"), input = $("files"), answers = $("answers");
const make = (tag, parent, text) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; parent.append(e); return e; };
async function ask(file) {
  const card = document.createElement("article");
  card.className = "card answer";
  answers.prepend(card);
  const picture = make("img", card);
  picture.alt = file.name;
  picture.src = URL.createObjectURL(file);
  picture.onload = () => { if (picture.naturalWidth < 64) picture.style.imageRendering = "pixelated"; };
  picture.onerror = () => { picture.style.visibility = "hidden"; };
  const words = make("div", card);
  make("h2", words, file.name).title = file.name;
  const wait = make("div", words, "…");
  try {
    const query = new URLSearchParams({ model: $("model").value, invert: $("invert").checked, top: 3 });
    const reply = await fetch("/predict?" + query, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file });
    const answer = await reply.json();
    wait.remove();
    if (!reply.ok) { make("div", words, answer.error).className = "bad"; return; }
    const [{ file: _, ...said }] = answer.predictions;
    const drawn = said.mask ?? said.picture;
    if (drawn) {
      const made = make("img", words);
      made.alt = "What the model makes of " + file.name;
      made.src = "data:image/png;base64," + drawn.png;
      if (drawn.width < 64) made.style.imageRendering = "pixelated";
    }
    for (const [name, value] of Object.entries(said.numbers ?? {})) {
      const row = make("div", words);
      row.className = "row";
      make("span", row, name);
      make("span", row, Number(value.toPrecision(4)));
    }
    for (const { name, probability, share } of said.classes ?? said.areas ?? []) {
      const row = make("div", words);
      row.className = "row";
      make("span", row, name);
      make("span", row, (100 * (probability ?? share)).toFixed(1) + " %");
      const bar = make("div", row);
      bar.className = "bar";
      make("i", bar).style.width = 100 * (probability ?? share) + "%";
    }
  } catch {
    wait.remove();
    make("div", words, "The server does not answer.").className = "bad";
  }
}
async function askAll(files) { for (const file of files) await ask(file); }
input.addEventListener("change", () => { askAll([...input.files]); input.value = ""; });
addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
addEventListener("dragleave", () => drop.classList.remove("over"));
addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); askAll([...event.dataTransfer.files]); });
addEventListener("paste", (event) => askAll([...event.clipboardData.files]));
`;

interface Shown {
  readonly name: string;
  readonly current: {
    readonly classes: readonly string[];
    readonly task: string;
    readonly preprocessing: { readonly channels: number; readonly height: number; readonly width: number };
  };
}

export function tryPage(models: readonly Shown[]): Page {
  const options = models.map(({ name, current: { preprocessing, classes, task } }) => {
    const { channels, height, width } = preprocessing;
    return `<option value="${escapeHtml(name)}">${escapeHtml(name)} (${channels} x ${height} x ${width}, ${task === "classification" ? `${classes.length} classes` : task})</option>`;
  });
  return pageOf(
    "Neocog",
    `<header><h1>What is it?</h1>${links}</header>
<div class="controls"><label>Model <select id="model">${options.join("")}</select></label>
<label class="check"><input type="checkbox" id="invert"> dark on white, where it knows white on black</label></div>
<label class="drop" id="drop"><input type="file" id="files" accept="image/*" multiple>
<strong>Drop pictures here</strong><span class="faint">or choose some, or paste one. They go to this server only.</span></label>
<div id="answers" aria-live="polite"></div>`,
    own,
    script,
  );
}
