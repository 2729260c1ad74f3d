// The frame of every page that is written to a file: nothing in it comes from elsewhere, it runs no script (and its policy
// forbids any), it is read on a phone, on a wide screen, in the dark and on paper.

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { path as pathRule } from "../base/rules.ts";
import { type Html, html, type Part, raw } from "./html.ts";
import { style } from "./style.ts";

/** How a page is known again, so that nobody else's file is ever replaced. */
const generator = "Neocog";
const mark = `<meta name="generator" content="${generator}">`;

/** Refuses a path where something stands that is no page of Neocog: nobody's file is replaced. Free paths pass. */
export async function checkPage(path: string): Promise<void> {
  understand("checkPage", arguments, { path: pathRule });
  const kind = await files.kindOf(path);
  if (kind === undefined) return;
  if (kind !== "file" || !(await files.readText(path)).slice(0, 2000).includes(mark))
    throw new NeocogError(`${path} is no page that Neocog wrote and is not replaced; give another name.`);
}

const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function page(title: string, header: Part, sections: readonly Section[], footer: Part): string {
  const shown = sections.filter(({ body }) => body !== undefined);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${raw(mark)}
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header>${header}</header>
${shown.length > 2 && html`<nav aria-label="Sections">${shown.map(({ id, title: name }) => html`<a href="#${id}">${name}</a>`)}</nav>`}
<main>
${shown.map(
  ({ id, title: name, about, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${name}</h2>
${about !== undefined && html`<p class="about">${about}</p>`}
${body}
</section>
`,
)}</main>
<footer>${footer}</footer>
</body>
</html>
`.text;
}

/** A part of a page; without a body it is not there. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly about?: Part;
  readonly body: Part;
}

/** A column of a table: its head, and whether it holds numbers. */
export interface Column {
  readonly head: string;
  readonly number?: boolean;
}

/** A table; numbers stand to the right, digit below digit. It scrolls by itself where it is too wide. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
  total?: readonly Part[],
): Html {
  const align = columns.map(({ number }) => (number ? raw(' class="n"') : ""));
  const rowOf = (row: readonly Part[]): Html =>
    html`<tr>${row.map((cell, c) => (c === 0 ? html`<th scope="row"${align[c]}>${cell}</th>` : html`<td${align[c]}>${cell}</td>`))}</tr>\n`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption class="hidden">${caption}</caption>
<thead><tr>${columns.map(({ head }, c) => html`<th scope="col"${align[c]}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(rowOf)}</tbody>${total && html`<tfoot>${rowOf(total)}</tfoot>`}</table></div>`;
}

/** What is looked at only on wish. */
export const details = (summary: string, body: Part): Html =>
  html`<details><summary>${summary}</summary>${body}</details>`;

/** Figures with what they are of, in a row. */
export const facts = (list: readonly (readonly [name: string, value: Part])[]): Html =>
  html`<dl class="facts">${list.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

/** A number behind a bar of its share of 0 to 1; bars of a column stand below one another. */
export const barred = (share: number, number: Part): Html =>
  html`<span class="bar" aria-hidden="true"><i style="width:${(100 * share).toFixed(1)}%"></i></span><span class="num">${number}</span>`;
