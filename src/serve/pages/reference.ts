// The OpenAPI document as a page to read.
import { escapeHtml, links, type Page, pageOf } from "./frame.ts";

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface Document {
  readonly info: { readonly description: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const own = `
.verb{display:inline-block;background:var(--soft);color:var(--accent);border-radius:6px;padding:0 .5rem;margin-right:.5rem;font-weight:600}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.15rem 1rem;margin:.5rem 0 0}
dt{font:.875rem/1.7 ui-monospace,monospace}dd{margin:0}
@media (max-width:32rem){dl{grid-template-columns:1fr}dd{margin:0 0 .35rem}}
h3{font-size:.8rem;text-transform:uppercase;letter-spacing:.05em;color:var(--faint);margin:.9rem 0 0}
h2 code{font-size:1rem;overflow-wrap:anywhere}
`;

const pairs = (title: string, rows: readonly (readonly [string, string])[]): string =>
  rows.length === 0
    ? ""
    : `<h3>${title}</h3><dl>${rows.map(([name, about]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(about)}</dd>`).join("")}</dl>`;

function operationCard(verb: string, path: string, operation: Operation): string {
  const { summary, description = "", parameters = [], requestBody, responses } = operation;
  return `<section class="card"><h2><span class="verb">${verb.toUpperCase()}</span><code>${escapeHtml(path)}</code></h2>
<div>${escapeHtml(summary)}. ${escapeHtml(description)}</div>
${pairs(
  "Parameters",
  parameters.map((one) => [`${one.name} (${one.in})`, one.description]),
)}
${pairs(
  "Body",
  Object.keys(requestBody?.content ?? {}).map((kind) => [kind, bodies[kind] ?? ""]),
)}
${pairs(
  "Answers",
  Object.entries(responses).map(([status, answer]) => [status, answer.description]),
)}</section>`;
}

const bodies: Readonly<Record<string, string>> = {
  "image/*": "the bytes of one picture",
  "multipart/form-data": "one or several files",
  "application/json": '{"image": base64}, {"pixels": [[[…]]], "dtype": "uint8"} or {"inputs": [several of these]}',
};

/** `address`: of this server, for the examples. */
export function referencePage(document: object, address: string): Page {
  const { info, paths } = document as Document;
  const examples = [
    `curl -H 'content-type: image/png' --data-binary @seven.png ${address}/predict`,
    `curl -F one=@seven.png -F two=@eight.png '${address}/predict?top=1'`,
    `curl -X POST ${address}/models/NAME/reload`,
  ];
  const cards = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([verb, operation]) => operationCard(verb, path, operation)),
  );
  return pageOf(
    "Neocog: API",
    `<header><h1>API</h1>${links}</header>
<section class="card"><div>${escapeHtml(info.description)} The same as a document: <a href="/openapi.json">openapi.json</a>.</div>
<pre>${escapeHtml(examples.join("\n"))}</pre></section>${cards.join("")}`,
    own,
  );
}
