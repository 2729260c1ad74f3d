// The numbers of the machine profile (src/engines/wasm/profile.ts) as a list: read, changed, and written back to the file.
import type { Kind, Profile } from "../../src/engines/wasm/profile.ts";

type Numbers = Record<string, Partial<Record<Kind, Record<string, number>>>>;

/** Names of all that may be fitted, such as `gemm.memory.store`: sizes are bounds between two ways of counting, and stay. */
export const namesOf = (profile: Profile): string[] =>
  Object.entries(profile as Numbers).flatMap(([family, kinds]) =>
    Object.entries(kinds)
      .filter(([kind]) => kind !== "sizes")
      .flatMap(([kind, numbers]) => Object.keys(numbers ?? {}).map((name) => `${family}.${kind}.${name}`)),
  );

/** The numbers among which this one stands, and what it is called there. */
function placeOf(profile: Numbers, name: string): { readonly among: Record<string, number>; readonly key: string } {
  const [family, kind, key] = name.split(".");
  const among = profile[family]?.[kind as Kind];
  if (among?.[key] === undefined) throw new Error(`The profile has no number ${name}.`);
  return { among, key };
}

export function numberAt(profile: Profile, name: string): number {
  const { among, key } = placeOf(profile, name);
  return among[key];
}

/** The profile with each number that is named times its factor. */
export function scaled(profile: Profile, factors: ReadonlyMap<string, number>): Profile {
  const copy = structuredClone(profile) as Numbers;
  for (const [name, factor] of factors) {
    const { among, key } = placeOf(copy, name);
    among[key] *= factor;
  }
  return copy as Profile;
}

/** Names of the numbers that are read while `use` is given the profile. */
export function namesRead(profile: Profile, use: (profile: Profile) => void): Set<string> {
  const read = new Set<string>();
  const watched = (value: object, path: string): object =>
    new Proxy(value, {
      get(target, key) {
        const found: unknown = Reflect.get(target, key);
        const name = path === "" ? String(key) : `${path}.${String(key)}`;
        if (typeof found === "number") read.add(name);
        return typeof found === "object" && found !== null ? watched(found, name) : found;
      },
    });
  use(watched(profile, "") as Profile);
  return read;
}

/** The text of profile.ts with these numbers in it, to three digits; all else as it is. */
export function rewritten(text: string, numbers: ReadonlyMap<string, number>): string {
  const start = text.indexOf("export const profile = {");
  // Comments may hold braces and colons: blanks in their place.
  const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, " "));
  const path: string[] = [];
  const left = new Set(numbers.keys());
  let result = text.slice(0, start);
  let done = start;
  for (const match of bare.slice(start).matchAll(/(\w+)(?::|\s=)\s*(?:\{|(\d[\d_.e]*))|\}/g)) {
    const [whole, key, number] = match;
    if (whole === "}") {
      path.pop();
      if (path.length === 0) break;
    } else if (number === undefined) path.push(key);
    else {
      const name = [...path.slice(1), key].join(".");
      const value = numbers.get(name);
      if (value === undefined) continue;
      left.delete(name);
      const at = start + match.index + whole.length - number.length;
      result += text.slice(done, at) + String(Number(value.toPrecision(3)));
      done = at + number.length;
    }
  }
  if (left.size > 0) throw new Error(`profile.ts has no number ${[...left].join(", ")}.`);
  return result + text.slice(done);
}
