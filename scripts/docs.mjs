// Builds the documentation as a static site in site/out: `npm run docs` (which compiles first). Writes copies of the pages, with links
// from copy to copy, and the pages of the doors into site/pages; lets VitePress make the site; then holds every link, anchor and
// picture of what came out against what is there. Look at it with `npx vitepress preview site`.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { api, apiPage, doorsPage } from "./docs/api.mjs";
import { deadLinks } from "./docs/links.mjs";
import { menu } from "./docs/menu.mjs";
import { root, sitePages } from "./docs/pages.mjs";

const site = join(root, "site");
const staged = join(site, "pages");
const write = (path, text) => {
  mkdirSync(dirname(join(staged, path)), { recursive: true });
  writeFileSync(join(staged, path), text);
};

rmSync(staged, { recursive: true, force: true });
const { texts, pictures } = sitePages();
const groups = api();
texts.set("api/index.md", doorsPage(groups));
for (const group of groups) texts.set(`api/${group.slug}.md`, apiPage(group));
for (const [path, text] of texts) write(path, text);
for (const [path, source] of pictures) {
  mkdirSync(dirname(join(staged, path)), { recursive: true });
  copyFileSync(join(root, source), join(staged, path));
}
copyFileSync(join(site, "home.md"), join(staged, "index.md"));
write("menu.json", JSON.stringify(menu(texts, groups)));

const vitepress = join(root, "node_modules/vitepress/bin/vitepress.js");
const { status } = spawnSync(process.execPath, [vitepress, "build", site], { cwd: root, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const dead = deadLinks(join(site, "out"));
for (const line of dead) console.error(line);
const names = groups.flatMap(({ entries }) => entries);
const bare = names.filter(({ documented }) => !documented).map(({ name }) => name);
if (bare.length > 0) console.log(`Without a doc comment: ${bare.join(", ")}.`);
console.log(`docs: ${texts.size + 1} pages, ${names.length} exported names, ${dead.length} dead links → site/out`);
process.exit(dead.length > 0 ? 1 : 0);
