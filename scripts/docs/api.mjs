// The pages of the doors: every exported name with its signatures, its doc comment and its options, one page for each group
// (`// ---- group ---`) of a door's file (src/doors). Made of what the compiler emits, so a page cannot say what the code does not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commentBefore, exportedBy, find, openFile } from "./declarations.mjs";
import { entry, prose } from "./entries.mjs";
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

/** The title of a group in a menu: what stands before its colon. */
const short = (title) => capital(title.split(": ")[0]);

/** What a door is, as the lines above its first example say. */
function sayingOf({ path, comments, body }) {
  const lines = comments.filter(({ start }) => start < body[0].start).map(({ value }) => value.trim());
  const end = lines.indexOf("");
  if (end < 1) throw new Error(`${path}: says nothing of the door at its head, or has no example below.`);
  return lines.slice(0, end).join(" ");
}

/** The groups of a door's source, each with the names that it exports. */
function groupsOf({ name, types }) {
  const source = openFile(types.replace("/dist/", "/").replace(/\.d\.ts$/, ".ts"));
  const headings = source.comments
    .map(({ value, start }) => ({ title: /^ ---- (.+?) -+$/.exec(value)?.[1], start }))
    .filter(({ title }) => title !== undefined);
  const folder = name.split("/").at(-1);
  const says = sayingOf(source);
  const groups = headings.length > 0 ? headings : [{ title: name, start: -1 }];
  const exported = groups.map(({ title, start }) => {
    const menu = start < 0 ? name : short(title);
    const slug = start < 0 ? folder : `${folder}/${slugOf(menu)}`;
    return { door: name, says, title: start < 0 ? name : capital(title), menu, slug, names: [] };
  });
  for (const statement of source.body) {
    if (!statement.type.startsWith("Export")) continue;
    const at = groups.findLastIndex(({ start }) => start < statement.start);
    if (at < 0) throw new Error(`${source.path}: exports stand above the first group.`);
    const said = commentBefore(source, statement.start);
    if (statement.type === "ExportAllDeclaration") {
      if (statement.exported)
        exported[at].names.push({ name: statement.exported.name, said, whole: statement.source.value });
      else exported[at].names.push(...exportedBy(fileOf(source, statement)).map((name) => ({ name, said: "" })));
    } else for (const { exported: one } of statement.specifiers) exported[at].names.push({ name: one.name, said });
  }
  return exported;
}

/** The file that an `export *` hands on. */
const fileOf = ({ path }, statement) =>
  join(path, "..", path.endsWith(".d.ts") ? statement.source.value.replace(/\.ts$/, ".d.ts") : statement.source.value);

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
    const entries = exported.map(({ name, said, found }) => entry(name, found, { places, told }, said));
    // What is called stands before the types that it takes and gives.
    const isType = ({ kind }) => kind === "interface" || kind === "type";
    return { ...group, entries: [...entries.filter((one) => !isType(one)), ...entries.filter(isType)] };
  });
}

/** Every door with its groups. */
export const byDoor = (groups) =>
  [...new Set(groups.map(({ door }) => door))].map((door) => ({
    door,
    inside: groups.filter((group) => group.door === door),
  }));

/** All doors on one page, each with what it is and the names of its groups. */
export function doorsPage(groups) {
  const parts = byDoor(groups).map(({ door, inside }) => {
    const lists = inside.map(({ title, slug, entries }) => {
      const links = entries.map(({ name }) => `<a href="./${slug}.html#${name}">${name}</a>`);
      const head = inside.length > 1 ? `### [${title}](./${slug}.md)\n\n` : "";
      return `${head}<p class="names">\n${links.join("\n")}\n</p>`;
    });
    return `## ${door}\n\n${prose(inside[0].says)}\n\n${lists.join("\n\n")}`;
  });
  return `# API\n\nThe package opens ${parts.length} doors; a name stands in one of them.\n\n${parts.join("\n\n")}\n`;
}

/** A group as a page: an index of its names, then each. */
export function apiPage({ title, door, says, menu, entries }) {
  const list = entries.map(({ name }) => `<a href="#${name}">${name}</a>`).join("\n");
  const parts = entries.map(
    ({ name, kind, markdown }) => `## ${name} <Badge type="info" text="${kind}" /> {#${name}}\n\n${markdown}`,
  );
  const about = menu === door ? `${prose(says)}\n\n` : "";
  return `# ${title} {#page}\n\n${about}\`import { … } from "${door}"\`\n\n<p class="names">\n${list}\n</p>\n\n${parts.join("\n\n")}\n`;
}
