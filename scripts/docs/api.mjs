// The pages of the public doors: every exported name with its signatures, its doc comment and its options, one page for each group
// (`// ---- group ---`) of src/index.ts. Made of what the compiler emits, so a page cannot say what the code does not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commentBefore, find, openFile } from "./declarations.mjs";
import { entry } from "./entries.mjs";
import { root } from "./pages.mjs";

/** `neocog`, `neocog/…`: the doors that package.json opens, each with its emitted types. */
function doors() {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.entries(exports).flatMap(([path, { types }]) =>
    types ? [{ name: name + path.slice(1), types: join(root, types) }] : [],
  );
}

const slugOf = (title) =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** The title of a group in a menu: what stands before its colon, or behind it where another begins alike. */
function short(title, titles) {
  const [start, end] = title.split(": ");
  const alike = titles.filter((other) => other.split(": ")[0] === start).length > 1;
  return capital(alike && end ? end : start);
}

/** The groups of a door's source, each with the names that it exports. */
function groupsOf({ name, types }) {
  const source = openFile(types.replace("/dist/", "/").replace(/\.d\.ts$/, ".ts"));
  const headings = source.comments
    .map(({ value, start }) => ({ title: /^ ---- (.+?) -+$/.exec(value)?.[1], start }))
    .filter(({ title }) => title !== undefined);
  const groups = headings.length > 0 ? headings : [{ title: name, start: -1 }];
  const titles = groups.map(({ title }) => title);
  const exported = titles.map((title) => {
    const menu = short(title, titles);
    return { door: name, title: capital(title), menu, slug: slugOf(menu), names: [] };
  });
  for (const statement of source.body) {
    if (!statement.type.startsWith("Export")) continue;
    const at = groups.findLastIndex(({ start }) => start < statement.start);
    if (at < 0) throw new Error(`${source.path}: exports stand above the first group.`);
    const said = commentBefore(source, statement.start);
    if (statement.type === "ExportAllDeclaration") {
      if (!statement.exported) throw new Error(`${source.path}: export * hides what a door exports; name it.`);
      exported[at].names.push({ name: statement.exported.name, said, whole: statement.source.value });
    } else for (const { exported: one } of statement.specifiers) exported[at].names.push({ name: one.name, said });
  }
  return exported;
}

/** The declarations that an exported name stands for: one, or those of a namespace that a whole file makes. */
function declarationsOf(door, { name, said, whole }) {
  if (!whole) return [{ name, said, found: find(door.types, name) }];
  const file = openFile(join(door.types, "..", whole.replace(/\.ts$/, ".d.ts")));
  return [...file.declared]
    .filter(([, [{ node }]]) => node.type !== "TSInterfaceDeclaration" && node.type !== "TSTypeAliasDeclaration")
    .map(([inner, found]) => ({ name: `${name}.${inner}`, said, found }));
}

/** Groups with their entries: what each exported name is, and its Markdown. */
export function api() {
  const groups = doors().flatMap((door) =>
    groupsOf(door).map(({ names, ...group }) => ({
      ...group,
      exported: names.flatMap((one) => declarationsOf(door, one)),
    })),
  );
  const places = new Map();
  for (const { slug, exported } of groups)
    for (const { name, found } of exported) if (found) places.set(found[0].node, `/api/${slug}#${name}`);
  return groups.map(({ exported, ...group }) => {
    const told = new Map();
    return { ...group, entries: exported.map(({ name, said, found }) => entry(name, found, { places, told }, said)) };
  });
}

/** A group as a page: an index of its names, then each. */
export function apiPage({ title, door, entries }) {
  const list = entries.map(({ name }) => `<a href="#${name}">${name}</a>`).join("\n");
  const parts = entries.map(
    ({ name, kind, markdown }) => `## ${name} <Badge type="info" text="${kind}" /> {#${name}}\n\n${markdown}`,
  );
  return `# ${title}\n\n\`import { … } from "${door}"\`\n\n<p class="names">\n${list}\n</p>\n\n${parts.join("\n\n")}\n`;
}
