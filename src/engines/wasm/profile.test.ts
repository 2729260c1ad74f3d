// Every number that was measured has its name in profile.ts: none stands in an estimate.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../../src/engines/wasm");

/** Files of mathematics, whose decimals are those of a formula. */
const formulas = ["contract/transforms.ts", "contract/winograd/schemes.ts", "contract/cases.ts"];

const sources = ["loops", "contract", "scalar/demand.ts"].flatMap((place) => {
  const path = join(root, place);
  if (place.endsWith(".ts")) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
});

/** Without comments and texts, lines kept. */
const code = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/\/\/.*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '""');

/** From the name of a function to the end of what it does: its closing brace, or the end of its expression. */
function bodyFrom(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if ("({[".includes(text[at])) depth++;
    else if (")}]".includes(text[at])) {
      depth--;
      if (depth === 0 && text[at] === "}" && /^\s*(\n\n|$|export|function|const|\/)/.test(text.slice(at + 1)))
        return text.slice(start, at);
    } else if (text[at] === ";" && depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}

/** Functions that say what something takes. */
const measuring = /(?:function|const) (estimate|workOf|costOf|measureRows|\w+Time|\w+TimeOf)\b/g;

/** Numbers that count: lanes of a vector, nothing, one more, both. */
const counting = new Set(["0", "1", "2", "4"]);

/** What stands unnamed: decimals anywhere, and any numbers but those that count in functions that measure. */
function unnamed(source: string): { readonly numbers: string[]; readonly functions: number } {
  const text = code(source);
  const numbers = [...text.matchAll(/(?<![\w.])\d+\.\d+/g)].map(([decimal]) => decimal);
  const functions = [...text.matchAll(measuring)];
  for (const match of functions) {
    const body = bodyFrom(text, match.index + match[0].length);
    for (const [number] of body.matchAll(/(?<![\w.$])\d[\d_.e]*/g))
      if (!counting.has(number) && !numbers.includes(number)) numbers.push(`${match[1]}: ${number}`);
  }
  return { numbers, functions: functions.length };
}

test("no number that was fitted stands unnamed in an estimate", () => {
  const found: string[] = [];
  let functions = 0;
  for (const path of sources) {
    const name = relative(root, path).replaceAll("\\", "/");
    if (formulas.includes(name)) continue;
    const one = unnamed(readFileSync(path, "utf8"));
    functions += one.functions;
    found.push(...one.numbers.map((number) => `${name}: ${number}`));
  }
  assert.ok(functions > 20, `only ${functions} functions were read`);
  assert.deepEqual(found, [], "give them names in src/engines/wasm/profile.ts");
});

test("planted numbers are found", () => {
  const planted = `
/** Takes 0.5 ns. */
const packTime = ({ depth }: Plan): number => depth * 6 + 2; // 0.7
export function estimate({ tiles }: Plan, { profile }: Context): { time: number } {
  if (tiles > 4) return { time: tiles * 0.25 };
  return { time: tiles * 12_000 };
}
const chunkBytes = 16 * 1024;
`;
  assert.deepEqual(unnamed(planted).numbers, ["0.25", "packTime: 6", "estimate: 12_000"]);
});
