// The one look of all pages. Colours are Okabe and Ito's, which the colour-blind tell apart, lightened for the dark; grays carry
// the rest. Sizes grow from a phone to a wide screen without a break.

export const style = `
:root {
  --paper: #ffffff; --panel: #f6f7f9; --ink: #1a1f26; --soft: #57606a; --line: #dfe3e8;
  --one: #0072b2; --two: #c44e00; --three: #00795a; --four: #a3478a; --warn: #9a5b00; --on: #ffffff;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --panel: #1c2027; --ink: #e8eaed; --soft: #a0a8b2; --line: #343a43;
    --one: #6cb8ee; --two: #f0974a; --three: #3fc39b; --four: #dd93c6; --warn: #f0b45a; --on: #0d1014;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 68rem; padding: clamp(1rem, 4vw, 3rem) clamp(1rem, 4vw, 2.5rem) 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
}
h1 { font-size: clamp(1.5rem, 1.1rem + 2vw, 2.25rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 0.35rem; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.25; letter-spacing: -0.01em; margin: 0 0 0.7rem; }
h3 { font-size: 0.95rem; line-height: 1.3; margin: 0 0 0.5rem; font-weight: 600; }
p { margin: 0 0 0.75rem; }
a { color: var(--one); text-underline-offset: 0.15em; }
code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.about, .lead, figcaption, footer, .note { color: var(--soft); }
.about { max-width: 46rem; margin: -0.4rem 0 1rem; }
.lead { font-size: 1.05rem; max-width: 46rem; margin: 0; }
.note { font-size: 0.875rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin: 1.5rem 0 0; padding: 0.6rem 0; border-block: 1px solid var(--line); font-size: 0.9rem; }
nav a { color: var(--soft); text-decoration: none; }
nav a:hover, nav a:focus-visible { color: var(--one); text-decoration: underline; }
section { margin-top: clamp(2rem, 5vw, 3.25rem); scroll-margin-top: 1rem; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.875rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1px; margin: 1.5rem 0 0; background: var(--paper); border: 1px solid var(--line); border-radius: 0.6rem; overflow: hidden; }
.facts > div { background: var(--paper); padding: 0.75rem 0.9rem; box-shadow: 0 0 0 1px var(--line); }
.facts dt { font-size: 0.8rem; color: var(--soft); }
.facts dd { margin: 0; font-size: 1.3rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.facts small { font-size: 0.8rem; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1.5rem 2rem; align-items: start; }
.grid > * { min-width: 0; }
figure { margin: 0; }
figcaption { font-size: 0.85rem; line-height: 1.4; }
figure.plot svg { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; }
figure.plot h3 { margin-bottom: 0.35rem; }
.key { display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; font-size: 0.85rem; color: var(--soft); margin: 0 0 0.35rem; }
.key span::before { content: ""; display: inline-block; width: 1.1em; height: 0; border-top: 2.5px solid var(--k); vertical-align: 0.28em; margin-right: 0.4em; }
.key span.dashed::before { border-top-style: dashed; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--one); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.35; min-width: min(100%, 26rem); font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.38rem 0.7rem 0.38rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; font-weight: 400; overflow-wrap: normal; }
tbody th { overflow-wrap: break-word; max-width: 18rem; }
.long { overflow-wrap: anywhere; }
.num { display: inline-block; min-width: 4.4em; text-align: right; }
thead th { font-size: 0.8rem; color: var(--soft); white-space: nowrap; border-bottom-color: var(--soft); }
th.n, td.n { text-align: right; padding: 0.38rem 0 0.38rem 0.9rem; white-space: nowrap; }
.bar { display: inline-block; width: 4.5rem; height: 0.5rem; margin-right: 0.7rem; border-radius: 2px; background: var(--line); overflow: hidden; vertical-align: 0.05em; }
.bar i { display: block; height: 100%; background: var(--one); }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.shots { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: 1rem 0.9rem; }
.shots.small { grid-template-columns: repeat(auto-fill, minmax(4.25rem, 1fr)); gap: 0.5rem; }
.shots.large { grid-template-columns: repeat(auto-fill, minmax(min(100%, 13.5rem), 1fr)); }
.shot img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; background: var(--panel); border: 1px solid var(--line); border-radius: 0.35rem; }
.shot figcaption { margin-top: 0.3rem; font-size: 0.8rem; }
.shot b { color: var(--ink); font-weight: 600; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.3rem; }
.pair.three { grid-template-columns: 1fr 1fr 1fr; }
img.pixels { image-rendering: pixelated; }
.sheet img { display: block; width: 100%; image-rendering: pixelated; height: auto; border-radius: 0.35rem; border: 1px solid var(--line); }
.warnings { list-style: none; padding: 0; margin: 0; display: grid; gap: 0.9rem; }
.warnings li { border-left: 3px solid var(--warn); padding: 0.1rem 0 0.1rem 0.9rem; }
.warnings p:last-child { margin: 0; }
.warnings li > p > b { color: var(--warn); font-weight: 600; }
.warnings.good li { border-color: var(--three); }
.class { margin-top: 1.25rem; }
.class h3 small { color: var(--soft); font-weight: 400; margin-left: 0.4rem; }
details { margin-top: 0.9rem; font-size: 0.9rem; }
summary { cursor: pointer; color: var(--soft); width: fit-content; }
summary:hover { color: var(--ink); }
details > *:not(summary) { margin-top: 0.6rem; }
.matrix { width: auto; font-size: 0.8rem; border-collapse: separate; border-spacing: 2px; }
.matrix th, .matrix td { border: 0; padding: 0; text-align: center; }
.matrix td { width: 2.3rem; min-width: 1.55rem; height: 1.9rem; border-radius: 3px; vertical-align: middle; background: var(--panel); color: var(--soft); }
.matrix td.hit, .matrix td.miss { background: color-mix(in srgb, var(--k) var(--s), var(--panel)); color: var(--ink); }
.matrix td.hit { --k: var(--one); } .matrix td.miss { --k: var(--two); }
.matrix td.full { color: var(--on); }
.matrix tbody th { text-align: right; padding-right: 0.5rem; white-space: nowrap; max-width: 9rem; overflow: hidden; text-overflow: ellipsis; vertical-align: middle; min-width: 0; }
.matrix thead th { vertical-align: bottom; color: var(--soft); max-width: 2.6rem; }
.matrix thead th span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 7rem; overflow: hidden; text-overflow: ellipsis; padding-top: 0.3rem; }
.matrix .axis { font-size: 0.8rem; color: var(--soft); text-align: left; padding: 0 0 0.2rem; }
.hash { font-size: 0.8rem; }
@media (max-width: 32rem) {
  table { font-size: 0.82rem; } th, td { padding-right: 0.45rem; } th.n, td.n { padding-left: 0.55rem; }
  .bar { display: none; } .matrix td { width: 1.6rem; height: 1.6rem; } .matrix { font-size: 0.7rem; border-spacing: 1px; }
  .facts { grid-template-columns: 1fr 1fr; } .facts dd { font-size: 1.1rem; }
  .shots { grid-template-columns: repeat(auto-fill, minmax(5.2rem, 1fr)); }
}
@media print {
  :root { --paper: #fff; --panel: #f6f7f9; --ink: #000; --soft: #444; --line: #ccc; --one: #0072b2; --two: #c44e00; --three: #00795a; --four: #a3478a; --warn: #9a5b00; --on: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav, details:not([open]) { display: none; }
  section { break-inside: auto; margin-top: 1.5rem; } h2, h3 { break-after: avoid; } figure, tr, .warnings li { break-inside: avoid; }
  .matrix td, .bar i, .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; }
}
`;
