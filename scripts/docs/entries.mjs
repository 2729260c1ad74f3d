// One exported name as Markdown: what it is, how it is called, what its doc comment says, and its members or options, each with its
// own text.
import { commentBefore, find } from "./declarations.mjs";
import { callOf, show, signature } from "./types.mjs";

const code = (text) => `\`\`\`ts\n${text}\n\`\`\``;
/** Text of a comment in a page: nothing in it is a tag or a template. */
export const prose = (text) =>
  text
    .split(/(`[^`]*`)/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .replaceAll("<", "&lt;")
            .replaceAll("{{", "{&#123;")
            .replaceAll(/([*_[\]])/g, "\\$1"),
    )
    .join("");

/**
 * Name, kind and Markdown of what a door exports. `places` knows where
 * each declaration of the doors stands, `told` which other options this page has told already, and under which name.
 */
export function entry(name, found, page, outer = "") {
  if (!found) throw new Error(`${name} is exported, but its declaration was not found.`);
  const [{ node }] = found;
  const about = [...new Set(found.map(({ comment }) => comment))].filter((text) => text !== "");
  const make = kinds[node.type];
  if (!make) throw new Error(`${name}: a ${node.type} has no form of page.`);
  const { kind, head, tail } = make(name, found, page);
  const says = about.length > 0 ? about.map(prose).join("\n\n") : prose(outer);
  return { name, kind, documented: about.length > 0, markdown: [head, says, tail].filter(Boolean).join("\n\n") };
}

const kinds = {
  TSDeclareFunction(name, found, page) {
    const calls = found.map(({ node, file }) => ({ ...signature(name, node, file), files: [file] }));
    return { kind: "function", ...called(name, calls, page) };
  },
  VariableDeclarator(name, [{ node, file }], page) {
    const type = node.id.typeAnnotation?.typeAnnotation;
    const call = type && callOf(type, file);
    if (call) {
      const made = signature(name, call.node, call.file, call.names);
      return { kind: "function", ...called(name, [{ ...made, files: [file, call.file] }], page) };
    }
    return {
      kind: "value",
      head: code(`const ${name}: ${type ? show(type, file) : file.text.slice(node.init.start, node.init.end)}`),
    };
  },
  TSInterfaceDeclaration: (_, [{ node, file }]) => ({
    kind: "interface",
    tail: membersOf({ node, file }).map(line).join("\n"),
  }),
  TSTypeAliasDeclaration(_, [{ node, file }], { places }) {
    // What the type is made of and no door exports is told here: it can be looked up nowhere else.
    const text = show(node, file).replace(/^declare /, "");
    const parts = [...new Set(text.match(/\b[A-Z]\w*\b/g))].flatMap((word) => {
      const [found] = find(file.path, word) ?? [];
      if (found?.node.type !== "TSInterfaceDeclaration" || places.has(found.node)) return [];
      return [`**\`${word}\`** ${prose(found.comment)}\n\n${membersOf(found).map(line).join("\n")}`];
    });
    return { kind: "type", head: code(text), tail: parts.join("\n\n") };
  },
  ClassDeclaration(_, [{ node, file }]) {
    const base = node.superClass ? ` extends ${file.text.slice(node.superClass.start, node.superClass.end)}` : "";
    return {
      kind: "class",
      head: code(`class ${node.id.name}${base}`),
      tail: node.body.body
        .flatMap((one) => member(one, file))
        .map(line)
        .join("\n"),
    };
  },
};

/** Signatures, without those that read the same, and below them the options that they take. */
function called(name, calls, page) {
  const texts = [...new Set(calls.map(({ text }) => text))];
  const options = new Map();
  for (const { parameters, files } of calls) {
    for (const { type } of parameters) {
      for (const [word] of type.matchAll(/\b[A-Z]\w*\b/g)) {
        const found = files.map((file) => find(file.path, word)).find(Boolean)?.[0];
        if (found?.node.type === "TSInterfaceDeclaration" && /Options$/.test(word)) options.set(word, found);
      }
    }
  }
  const tail = [...options].map(([word, found]) => tell(word, name, found, page));
  return { head: code(texts.join("\n")), tail: tail.filter(Boolean).join("\n\n") };
}

/** Options once: where a door exports them, below the first function of a page otherwise. */
function tell(word, name, found, { places, told }) {
  const place = places.get(found.node) ?? (told.has(word) ? `#${told.get(word)}` : undefined);
  if (place !== undefined) return `Options: [\`${word}\`](${place}).`;
  told.set(word, name);
  const lines = membersOf(found).map(line);
  return lines.length > 0 ? `**Options** (\`${word}\`)\n\n${lines.join("\n")}` : "";
}

const line = ({ text, comment }) =>
  `- \`${text}\`${comment ? ` — ${prose(comment.replaceAll(/\s*\n\s*/g, " "))}` : ""}`;

/** The members of an interface, those of what it extends first; an own one takes the place of one that is inherited. */
function membersOf({ node, file }) {
  const members = new Map();
  for (const base of node.extends ?? []) {
    for (const one of inherited(base.expression?.name, base.typeArguments?.params ?? [], file))
      members.set(one.name, one);
  }
  for (const one of node.body.body.flatMap((part) => member(part, file))) members.set(one.name, one);
  return [...members.values()];
}

/** What an interface gets from another, also through Omit, Pick and Partial. */
function inherited(name, given, file) {
  if (["Omit", "Pick", "Partial", "Readonly", "Required"].includes(name)) {
    const inner = given[0];
    const all = inherited(inner.typeName?.name, inner.typeArguments?.params ?? [], file);
    const keys = given[1]
      ? [...file.text.slice(given[1].start, given[1].end).matchAll(/"(\w+)"/g)].map(([, key]) => key)
      : [];
    if (name === "Omit") return all.filter((one) => !keys.includes(one.name));
    return name === "Pick" ? all.filter((one) => keys.includes(one.name)) : all;
  }
  const [found] = (name && find(file.path, name)) ?? [];
  if (found?.node.type === "TSTypeAliasDeclaration") {
    const { typeName, typeArguments } = found.node.typeAnnotation;
    return typeName ? inherited(typeName.name, typeArguments?.params ?? [], found.file) : [];
  }
  return found?.node.type === "TSInterfaceDeclaration" ? membersOf(found) : [];
}

/** A property or method; private ones are nobody's. */
function member(one, file) {
  const name = one.key?.name ?? one.key?.value ?? (one.type === "TSConstructSignatureDeclaration" ? "new" : undefined);
  if (name === undefined || one.accessibility === "private" || one.key?.type === "PrivateIdentifier") return [];
  const comment = commentBefore(file, one.start);
  const mark = one.optional ? "?" : "";
  if (one.kind === "constructor")
    return [{ name, comment, text: signature("new ", one.value, file).text.replace(/: void$/, "") }];
  const body = one.value?.params ? one.value : one;
  if (body.params)
    return [{ name, comment, text: signature(`${name}${mark}`, body, file).text.replaceAll(/\s*\n\s*/g, " ") }];
  const type = one.typeAnnotation ? show(one.typeAnnotation.typeAnnotation, file) : "unknown";
  return [{ name, comment, text: `${name}${mark}: ${type.replaceAll(/\s*\n\s*/g, " ")}` }];
}
