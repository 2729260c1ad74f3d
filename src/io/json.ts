// A strict JSON reader for headers that come from strangers. Unlike JSON.parse it refuses a key that stands twice, keeps
// the order of all keys (JavaScript objects move "10" before "a"), knows no "__proto__", and stops at a depth and a number
// of values.
import { limits } from "../base/limits.ts";

export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const words: Readonly<Record<string, Json>> = { true: true, false: false, null: null };
/** A text that means itself: no escapes, no control characters. */
const plainText = /"[^"\\\p{Cc}]*"/uy;

/** Reads a JSON text. Throws an Error whose message is half a sentence, such as `there is no comma at character 7`. */
export function parseJson(source: string, deepest: number = limits.jsonDepth.most): Json {
  let place = 0;
  let count = 0;
  const take = (token: RegExp): string | undefined => {
    token.lastIndex = place;
    const found = token.exec(source)?.[0];
    if (found !== undefined) place += found.length;
    return found;
  };
  /** A text up to its closing quote; JSON.parse judges what is inside. */
  const takeText = (): string | undefined => {
    if (source[place] !== '"') return undefined;
    const plain = take(plainText);
    if (plain !== undefined) return plain.slice(1, -1);
    let end = place + 1;
    while (end < source.length && source[end] !== '"') end += source[end] === "\\" ? 2 : 1;
    try {
      const result = JSON.parse(source.slice(place, end + 1)) as string;
      place = end + 1;
      return result;
    } catch {
      return fail("a text is malformed");
    }
  };
  const fail = (what: string): never => {
    throw new Error(`${what} at character ${place}`);
  };
  const peek = (): string | undefined => {
    for (let code = source.charCodeAt(place); code === 32 || (code >= 9 && code <= 13 && code !== 11 && code !== 12); )
      code = source.charCodeAt(++place);
    return source[place];
  };
  /** The entries of a list or an object up to its closing bracket. */
  const entries = (close: string, read: () => void): void => {
    place++;
    if (peek() === close) {
      place++;
      return;
    }
    for (;;) {
      read();
      const next = peek();
      if (next !== "," && next !== close) fail(`there is no "," or "${close}"`);
      place++;
      if (next === close) return;
    }
  };
  const value = (depth: number): Json => {
    if (depth > deepest) return fail(`it is nested more than ${deepest} deep`);
    if (++count > limits.jsonValues.most) return fail(`it holds more than ${limits.jsonValues.most} values`);
    const first = peek();
    if (first === "{") {
      const object = new Map<string, Json>();
      entries("}", () => {
        peek();
        const key = takeText() ?? fail("there is no key");
        if (object.has(key)) fail(`the key ${JSON.stringify(key)} stands twice`);
        if (peek() !== ":") fail('there is no ":"');
        place++;
        object.set(key, value(depth + 1));
      });
      return object;
    }
    if (first === "[") {
      const list: Json[] = [];
      entries("]", () => list.push(value(depth + 1)));
      return list;
    }
    if (first === '"') return takeText() ?? fail("there is no value");
    const scalar = take(number);
    return scalar === undefined ? words[take(word) ?? fail("there is no value")] : Number(scalar);
  };
  const result = value(0);
  if (peek() !== undefined) fail("there is more after the end");
  return result;
}
