// Reads what the compiler emitted (.d.ts) as a tree, and follows names to where they are declared. The texts are the doc comments of
// the source, which the compiler keeps.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

const files = new Map();

/** A file with its declarations by name (overloads together), imports and comments. */
export function openFile(path) {
  const known = files.get(path);
  if (known) return known;
  const text = readFileSync(path, "utf8");
  const { program, comments, errors } = parseSync(path, text, { lang: path.endsWith(".d.ts") ? "dts" : "ts" });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const file = {
    path,
    text,
    body: program.body,
    comments,
    declared: new Map(),
    imported: new Map(),
    reexported: new Map(),
  };
  files.set(path, file);
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const { type, local, imported } of statement.specifiers)
        if (type === "ImportSpecifier")
          file.imported.set(local.name, { name: imported.name, path: beside(path, statement.source.value) });
    } else if (statement.type === "ExportAllDeclaration" && !statement.exported) {
      const whole = beside(path, statement.source.value);
      for (const name of exportedBy(whole)) file.reexported.set(name, { name, path: whole });
    } else if (statement.type === "ExportNamedDeclaration" && statement.source) {
      for (const { local, exported } of statement.specifiers)
        file.reexported.set(exported.name, { name: local.name, path: beside(path, statement.source.value) });
    } else {
      const declaration = statement.declaration ?? statement;
      const ids = declaration.type === "VariableDeclaration" ? declaration.declarations : [declaration];
      for (const node of ids) {
        if (!node.id?.name) continue;
        const one = { node, file, comment: commentBefore(file, statement.start) };
        file.declared.set(node.id.name, [...(file.declared.get(node.id.name) ?? []), one]);
      }
    }
  }
  return file;
}

/** The names that a file declares and exports, which `export *` hands on; without types where only values are asked for. */
export function exportedBy(path, values = false) {
  const isType = ({ type }) => /Interface|TypeAlias/.test(type);
  return openFile(path).body.flatMap(({ type, declaration }) => {
    if (type !== "ExportNamedDeclaration" || !declaration || (values && isType(declaration))) return [];
    return (declaration.declarations ?? [declaration]).map(({ id }) => id.name);
  });
}

/** The emitted file of an import; undefined for what lies outside. */
function beside(path, source) {
  if (!source.startsWith(".")) return undefined;
  const target = join(dirname(path), source);
  return path.endsWith(".d.ts") ? target.replace(/\.(ts|js)$/, ".d.ts") : target;
}

/** The doc comment that ends where something begins, as plain text; empty where there is none. */
export function commentBefore({ text, comments }, start) {
  const comment = comments.findLast(
    ({ type, value, end }) =>
      type === "Block" && value.startsWith("*") && end <= start && text.slice(end, start).trim() === "",
  );
  if (!comment) return "";
  const lines = comment.value
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""));
  return lines.join("\n").trim();
}

/** The declarations that a name means in a file, through imports and re-exports; undefined for what lies outside. */
export function find(path, name) {
  if (path === undefined) return undefined;
  const file = openFile(path);
  const declared = file.declared.get(name);
  if (declared) return declared;
  const from = file.imported.get(name) ?? file.reexported.get(name);
  return from && find(from.path, from.name);
}
