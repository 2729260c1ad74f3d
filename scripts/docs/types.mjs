// Types as a reader wants them: type parameters that only carry shapes give way to what they may be, calls of layers are written
// out, and what the compiler alone needs is left out.
import { find } from "./declarations.mjs";

/** Type functions of which the reader sees one argument, or a plain name. */
const plain = new Map([
  ["Only", ({ given }) => given[1]],
  ["Shaped", () => "Layer"],
]);

/** The text of a node, with names replaced: `names` maps type parameters to what stands for them. */
export function show(node, file, names = new Map()) {
  const changes = [];
  visit(node, (one) => {
    if (one.type === "TSImportType") {
      changes.push([one.start, one.end, one.qualifier?.name ?? "unknown"]);
      return false;
    }
    if (one.type === "TSIntersectionType") {
      const kept = one.types.filter((part) => part.typeName?.name !== "Verdicts");
      if (kept.length === one.types.length) return true;
      changes.push([one.start, one.end, kept.map((part) => show(part, file, names)).join(" & ")]);
      return false;
    }
    if (one.type !== "TSTypeReference" || one.typeName.type !== "Identifier") return true;
    const { name } = one.typeName;
    if (names.has(name)) {
      changes.push([one.start, one.end, names.get(name)]);
      return false;
    }
    const rule = plain.get(name);
    if (!rule) return true;
    const given = (one.typeArguments?.params ?? []).map((part) => show(part, file, names));
    changes.push([one.start, one.end, rule({ given })]);
    return false;
  });
  let text = file.text.slice(node.start, node.end);
  for (const [start, end, put] of changes.sort((a, b) => b[0] - a[0]))
    text = text.slice(0, start - node.start) + put + text.slice(end - node.start);
  return text.replace(/^readonly (?=[A-Za-z]+$)/, "");
}

/** Calls `look` for a node and all below it; false stops the way down. */
export function visit(node, look) {
  if (node === null || typeof node !== "object") return;
  if (Array.isArray(node)) {
    for (const one of node) visit(one, look);
    return;
  }
  if (typeof node.type === "string" && look(node) === false) return;
  for (const [key, value] of Object.entries(node)) if (key !== "parent") visit(value, look);
}

/** What stands for each type parameter: what it must extend, or its default; those with neither stay. */
function erase(parameters, file, names) {
  const erased = new Map(names);
  const kept = [];
  for (const parameter of parameters?.params ?? []) {
    const bound = parameter.constraint;
    if (bound) {
      const text = show(bound, file, erased);
      erased.set(parameter.name.name, /[|&? ]/.test(text) ? `(${text})` : text);
    } else kept.push(parameter.name.name);
  }
  return { erased, generics: kept.length > 0 ? `<${kept.join(", ")}>` : "" };
}

/** `name(parameters): result` of a function or of a type that is called, and the types of its parameters. */
export function signature(name, node, file, names = new Map()) {
  const { erased, generics } = erase(node.typeParameters, file, names);
  const bare = (text) => text.replace(/^\((.*)\)$/s, "$1");
  const parameters = node.params.flatMap((parameter) => {
    const target = parameter.type === "RestElement" ? parameter.argument : parameter;
    const shown = parameter.typeAnnotation ?? target.typeAnnotation;
    const type = bare(show(shown.typeAnnotation, file, erased));
    const label = target.type === "Identifier" ? target.name : "options";
    const rest = parameter.type === "RestElement";
    return rest && type.startsWith("[") ? places(type) : { label, optional: Boolean(target.optional), rest, type };
  });
  const result = node.returnType ? show(node.returnType.typeAnnotation, file, erased) : "void";
  const list = parameters.map(
    ({ label, optional, rest, type }) => `${rest ? "..." : ""}${label}${optional ? "?" : ""}: ${type}`,
  );
  const line = `${name}${generics}(${list.join(", ")}): ${result}`;
  const text =
    line.length <= 90 || list.length === 0 ? line : `${name}${generics}(\n  ${list.join(",\n  ")},\n): ${result}`;
  return { text, parameters };
}

/** The parameters that a list with names stands for: `[options?: DropoutOptions]`. */
const places = (list) =>
  [...list.matchAll(/(\w+)(\??): ([^,\]]+)/g)].map(([, label, mark, type]) => ({
    ...{ label, type, optional: mark === "?", rest: false },
  }));

/** The function that a type stands for, through aliases such as ConvolutionCall<2, Options>; undefined for other types. */
export function callOf(type, file, names = new Map()) {
  if (type.type === "TSFunctionType") return { node: type, file, names };
  if (type.type !== "TSTypeReference" || type.typeName.type !== "Identifier") return undefined;
  const [alias] = find(file.path, type.typeName.name) ?? [];
  if (alias?.node.type !== "TSTypeAliasDeclaration") return undefined;
  const given = type.typeArguments?.params ?? [];
  const inner = new Map();
  for (const [i, parameter] of (alias.node.typeParameters?.params ?? []).entries()) {
    const text = given[i]
      ? show(given[i], file, names)
      : parameter.default && show(parameter.default, alias.file, inner);
    if (text !== undefined) inner.set(parameter.name.name, text);
  }
  return callOf(alias.node.typeAnnotation, alias.file, inner);
}
