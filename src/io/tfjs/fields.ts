// Reading what a JSON file claims, one field at a time: each has the expected kind, or the reader says in a sentence which
// field is not. Files come from strangers, so nothing is cast and nothing is trusted to be there.
import { DataError } from "../../base/errors.ts";
import type { Json } from "../json.ts";

/** A JSON object whose fields are asked for by kind. */
export interface Fields {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** The field as it stands; null counts as absent. */
  raw(name: string): Json | undefined;
  text(name: string, otherwise?: string): string;
  number(name: string, otherwise?: number): number;
  whole(name: string, otherwise?: number): number;
  flag(name: string, otherwise?: boolean): boolean;
  list(name: string): readonly Json[];
  object(name: string): Fields;
}

/** The fields of a JSON object; `what` names it in errors, as in `"weightsManifest" entry 2`. */
export function fieldsOf(value: Json | undefined, what: string): Fields {
  if (!(value instanceof Map)) throw new DataError(`${what} is not an object.`);
  const map = value as ReadonlyMap<string, Json>;
  const raw = (name: string): Json | undefined => map.get(name) ?? undefined;
  function get<T>(name: string, kind: string, is: (value: Json) => value is Json & T, otherwise?: T): T {
    const found = raw(name);
    if (found === undefined) {
      if (otherwise !== undefined) return otherwise;
      throw new DataError(`${what} has no "${name}".`);
    }
    if (!is(found)) throw new DataError(`"${name}" of ${what} should be ${kind} and is not.`);
    return found;
  }
  return {
    names: [...map.keys()],
    has: (name) => raw(name) !== undefined,
    raw,
    text: (name, otherwise) => get(name, "a text", (v): v is string => typeof v === "string", otherwise),
    number: (name, otherwise) => get(name, "a number", isNumber, otherwise),
    whole: (name, otherwise) => get(name, "a whole number", isWhole, otherwise),
    flag: (name, otherwise) => get(name, "true or false", (v): v is boolean => typeof v === "boolean", otherwise),
    list: (name) => get(name, "a list", isList),
    object: (name) => fieldsOf(raw(name), `"${name}" of ${what}`),
  };
}

export const isNumber = (value: Json | undefined): value is number => typeof value === "number";
export const isWhole = (value: Json | undefined): value is number => Number.isSafeInteger(value);
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** A list of whole numbers of at least `least`, such as a shape. */
export function wholes(value: Json | undefined, what: string, least = 0): number[] {
  if (!isList(value) || !value.every((n) => isWhole(n) && n >= least)) {
    throw new DataError(`${what} is not a list of whole numbers of at least ${least}.`);
  }
  return value as number[];
}
