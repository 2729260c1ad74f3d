// Holds every link, anchor and picture of a built site against its files.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** A sentence for every link of the site to a page, an anchor or a picture that it does not have. */
export function deadLinks(folder) {
  const pages = readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".html"));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(folder, page), "utf8")]));
  const ids = new Map(
    [...texts].map(([page, html]) => [page, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
  );
  const dead = new Set();
  for (const [page, html] of texts) {
    for (const [, target] of html.matchAll(/<(?:a|img|link|script)\b[^>]*? (?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = decodeURIComponent(target).split("#");
      const named = path === "" ? page : path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(page), path);
      const file = named === "" || named.endsWith("/") ? `${named}index.html` : named;
      if (!existsSync(join(folder, file))) dead.add(`${page}: ${target} leads nowhere.`);
      else if (anchor && ids.has(file) && !ids.get(file).has(anchor))
        dead.add(`${page}: ${target} names a place that ${file} does not have.`);
    }
  }
  return [...dead];
}
