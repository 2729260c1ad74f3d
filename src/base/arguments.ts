// An argument that is not understood is refused, in JavaScript too. Every public function says what it takes as rules
// (rules.ts) and hands what it was given to `understand` before anything else; the test of the doors goes over all
// of them. PyTorch's positional arguments are refused with a sentence that shows how the call is written here.
import { NeocogError, nearest, unknownOption } from "./errors.ts";
import { isRecord, type Rule, type RuleTable } from "./rules.ts";

/**
 * Holds the arguments of a call against their rules. Throws one sentence that names the function and the argument.
 * `torch`: PyTorch's order of the arguments and options, names that do not exist here among them.
 */
export function understand(name: string, given: ArrayLike<unknown>, parameters: RuleTable, torch?: string): void {
  const names = Object.keys(parameters);
  const last = parameters[names[names.length - 1]];
  const count = handedByArray(given, names.length) ? names.length : given.length;
  const inOptions = given[names.length - 1];
  const misplaced = last?.fields && inOptions !== undefined && (!isRecord(inOptions) || "node" in inOptions);
  if (count > names.length || misplaced) {
    const complaint =
      count > names.length
        ? `${name} takes ${names.length === 0 ? "no argument" : `${names.length} ${names.length === 1 ? "argument" : "arguments"} (${names.join(", ")})`}, not ${count}`
        : `${name} takes its options by name, not ${show(inOptions)}`;
    throw new NeocogError(complaint + readings(name, Array.from(given).slice(0, count), parameters, torch));
  }
  names.forEach((key, place) => {
    const rule = parameters[key];
    checkValue(name, key, given[place], { ...rule, required: !rule.optional });
  });
}

/** Whether a list's own method (map, forEach, reduce) called: it hands on the place and the list after what it is about. */
function handedByArray(given: ArrayLike<unknown>, count: number): boolean {
  const list = given[count + 1];
  const place = given[count];
  return given.length === count + 2 && Array.isArray(list) && list[place as number] === given[count - 1];
}

/** Refuses unknown names, missing and impossible values in a record of options. Undefined counts as left out. */
export function checkRecord(what: string, given: Readonly<Record<string, unknown>>, fields: RuleTable): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(fields, name) && value !== undefined) throw unknownOption(what, name, Object.keys(fields));
  }
  for (const [name, rule] of Object.entries(fields)) checkValue(what, name, given[name], rule);
}

function checkValue(what: string, name: string, value: unknown, rule: Rule): void {
  if (value === undefined) {
    if (rule.required) throw new NeocogError(`${what}: ${name} is missing; it must be ${rule.must}.`);
    return;
  }
  if (!rule.accepts(value)) {
    const near = typeof value === "string" && rule.words ? nearest(value, rule.words) : undefined;
    if (near) throw new NeocogError(`${what}: there is no ${name} ${show(value)}; did you mean "${near}"?`);
    const large = typeof value === "number" && rule.most !== undefined && value > rule.most;
    throw new NeocogError(
      `${what}: ${name} must be ${large ? `at most ${rule.most}` : rule.must}; it is ${show(value)}.`,
    );
  }
  // An argument called "options" needs no name of its own: the function has them.
  if (rule.fields && isRecord(value)) checkRecord(name === "options" ? what : `${what}'s ${name}`, value, rule.fields);
}

// ---- how it is written here -------------------------------------------------------------------------------------------

/** The end of the sentence: the same call as it is written here, in each way that it may have been meant. */
function readings(name: string, given: readonly unknown[], parameters: RuleTable, torch?: string): string {
  const fields = Object.values(parameters).find((rule) => rule.fields)?.fields ?? {};
  const places = Object.keys(parameters).filter((key) => !parameters[key].fields);
  const order = torch?.split(" ") ?? [...places, ...Object.keys(fields)];
  const known = (key: string): boolean => places.includes(key) || Object.hasOwn(fields, key);
  const left = order.filter((key) => !known(key)).filter((key) => order.indexOf(key) < given.length);
  const rules = { ...parameters, ...fields };
  const asTorch = left.length > 0 ? writing(name, given, order, places, rules) : undefined;
  const here = left.length === 0 || places.length > 0;
  const asHere = here ? writing(name, given, order.filter(known), places, rules) : undefined;
  const from = `${left.join(" and ")} ${left.length === 1 ? "comes" : "come"} from the input`;
  if (asTorch) return `: write ${asTorch}, for ${from}${asHere ? `, or ${asHere}` : ""}.`;
  if (asHere) return `: write ${asHere}.`;
  const names = Object.keys(fields);
  return names.length > 0 ? `; its options are: ${names.join(", ")}.` : ".";
}

/** The call with its values in the given order of names; undefined where one of them cannot be meant. */
function writing(
  name: string,
  given: readonly unknown[],
  order: readonly string[],
  places: readonly string[],
  rules: RuleTable,
): string | undefined {
  if (given.length > order.length) return undefined;
  const meant = new Map(given.map((value, i) => [order[i], value] as const));
  const byPlace: string[] = [];
  const byName: string[] = [];
  for (const [key, value] of meant) {
    const rule: Rule | undefined = rules[key];
    if (!rule || value === undefined) continue;
    if (!rule.accepts(value)) return undefined;
    const shown = typeof value === "object" && !Array.isArray(value) ? key : show(value);
    if (places.includes(key)) byPlace.push(shown);
    else byName.push(`${key}: ${shown}`);
  }
  if (places.some((key) => !rules[key].optional && !meant.has(key))) return undefined;
  if (byName.length > 0) byPlace.push(`{ ${byName.join(", ")} }`);
  return `${name}(${byPlace.join(", ")})`;
}

/** A value as a person would write it, for messages. */
export function show(value: unknown, depth = 0): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map((entry) => (depth > 2 ? "…" : show(entry, depth + 1)));
    return `[${[...shown, ...(value.length > 8 ? ["…"] : [])].join(", ")}]`;
  }
  const names = Object.keys(value);
  const kind = value.constructor?.name;
  if (kind !== undefined && kind !== "Object") return `a ${kind}`;
  return names.length === 0 ? "{}" : `an object with ${names.slice(0, 4).join(", ")}`;
}
