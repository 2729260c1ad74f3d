// The frame of the server's pages: no script, style, font or picture from elsewhere, light and dark, from a phone to a desktop.
import { createHash } from "node:crypto";

export interface Page {
  readonly html: string;
  /** What the page may do: its own style and script by their hashes, and requests to this server. */
  readonly policy: string;
}

const signs: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => signs[sign]);

const style = `
:root{color-scheme:light dark;--ground:#fbfaf7;--card:#fff;--ink:#1c1b19;--faint:#6a675f;--line:#e2dfd6;--accent:#0b6e63;--soft:#dcefec;--bad:#a4262c}
@media (prefers-color-scheme:dark){:root{--ground:#161513;--card:#201f1c;--ink:#eceae4;--faint:#a29e94;--line:#37352f;--accent:#5cc9b8;--soft:#1d3a36;--bad:#ff9a94}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;justify-content:space-between;margin-bottom:1.25rem}
h1{font-size:1.5rem;margin:0;letter-spacing:-.01em}
h2{font-size:1.05rem;margin:0 0 .5rem}
nav a{margin-left:1rem}nav a:first-child{margin-left:0}
a{color:var(--accent)}
.faint{color:var(--faint)}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem;margin-bottom:1rem}
code,pre{font:.875rem/1.5 ui-monospace,monospace}
pre{overflow-x:auto;background:var(--ground);border:1px solid var(--line);border-radius:8px;padding:.75rem;margin:.5rem 0 0}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
`;

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** A whole page of a title and a body; `own` is its style beside the common one. */
export function pageOf(title: string, body: string, own = "", script = ""): Page {
  const styles = style + own;
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${styles}</style>
<main>${body}</main>${script === "" ? "" : `\n<script type="module">${script}</script>`}
</html>
`;
  const scripts = script === "" ? "'none'" : hash(script);
  const policy = `default-src 'none'; style-src ${hash(styles)}; script-src ${scripts}; connect-src 'self'; img-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

export const links = '<nav><a href="/">Try it</a><a href="/docs">API</a><a href="/metrics">Metrics</a></nav>';
