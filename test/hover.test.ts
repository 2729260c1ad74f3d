// What an editor shows on hover: every exported name has a doc comment in the emitted declarations, and so has every field of
// an exported interface, class or type and every option in a signature, down to literals in it, with the fields of the types of
// the same file that it is made of.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { doors } from "./doors.ts";

const built = new URL("../src/", import.meta.url);
const texts = new Map<string, string>();

function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(new URL(`${file}.d.ts`, built), "utf8");
  texts.set(file, text);
  return text;
}

/** Names in the braces of an export or import, as [name there, name here]. */
const namesIn = (braces: string): (readonly [string, string])[] =>
  braces.split(",").flatMap((word) => {
    const [there, here = there] = word.trim().replace("type ", "").split(" as ");
    return there === "" ? [] : [[there, here] as const];
  });

interface Found {
  readonly name: string;
  readonly file: string;
  readonly kind: string;
  readonly documented: boolean;
  /** Its lines, from the first to the one that closes it. */
  readonly lines: readonly string[];
}

const heads = (name: string): RegExp =>
  new RegExp(`^(?:export )?(?:declare )?(function|const|class|interface|type) ${name}\\b`, "m");

/** The declaration of a name, in the file or in the one that the file has it from. */
function find(file: string, name: string): Found {
  const text = textOf(file);
  const head = heads(name).exec(text);
  if (head) {
    const lines = text.slice(head.index).split("\n");
    const last = lines.findIndex((line) => /^\S.*;$|^\}$/.test(line));
    return {
      ...{ name, file, kind: head[1], documented: text.slice(0, head.index).trimEnd().endsWith("*/") },
      lines: lines.slice(0, last + 1),
    };
  }
  for (const [, braces, from] of text.matchAll(/(?:export|import) (?:type )?\{([^}]*)\} from "([^"]+)\.ts"/g)) {
    const again = namesIn(braces).find(([, here]) => here === name);
    const place = new URL(from, new URL(file, built)).href.slice(built.href.length);
    if (again) return find(place, again[0]);
  }
  return assert.fail(`${name} is not in ${file}`);
}

const isComment = (line: string): boolean => /^\s*(\/\*|\*)/.test(line);
const field = /^\s+(?:(?:readonly|static|get) )*("?[\w$]+"?|\[[^\]]+\])\??(?:<.*)?[:(]/;

/** Fields of a declaration: all, and those without a comment right before them. */
function fieldsOf({ kind, lines, name, file }: Found): { readonly all: number; readonly bare: readonly string[] } {
  const places = lines.flatMap((line, i) => (i > 0 && !isComment(line) && field.test(line) ? [i] : []));
  // Of a signature only the options: what may be left out.
  const isSignature = kind === "function" || kind === "const";
  const shown = isSignature ? places.filter((i) => /^[^(]*\?: .*;$/.test(lines[i])) : places;
  const bare = shown.filter((i) => !lines[i - 1].endsWith("*/"));
  return { all: shown.length, bare: bare.map((i) => `${name}: ${lines[i].trim()} (${file})`) };
}

/** Types of the same file that it is made of: what it extends, or what its alias or signature names. */
function partsOf({ kind, lines, name, file }: Found): string[] {
  const whole = kind === "interface" || kind === "class" ? lines.slice(0, 1) : lines.filter((line) => !isComment(line));
  const words = [...whole.join("\n").matchAll(/\b[A-Z]\w+\b/g)].map(([word]) => word);
  return words.filter((word) => word !== name && /interface|type/.test(heads(word).exec(textOf(file))?.[1] ?? ""));
}

function exported(): Found[] {
  return Object.keys(doors).flatMap((name) => {
    const door = textOf(`doors/${name === "neocog" ? name : name.replace("neocog/", "")}`);
    const named = [...door.matchAll(/export (?:type )?\{([^}]*)\} from "\.\.\/([^"]+)\.ts"/g)].flatMap(
      ([, braces, file]) => namesIn(braces).map(([name]) => find(file, name)),
    );
    const whole = [...door.matchAll(/export \* from "\.\.\/([^"]+)\.ts"/g)].flatMap(([, file]) =>
      [...textOf(file).matchAll(/^export (?:declare )?(?:function|const|class|interface|type) (\w+)/gm)].map(
        ([, name]) => find(file, name),
      ),
    );
    return [...named, ...whole];
  });
}

test("every exported name has a doc comment", () => {
  const all = exported();
  assert.ok(all.length > 400, `${all.length} names`);
  assert.deepEqual(
    all.filter(({ documented }) => !documented).map(({ name, file }) => `${name} (${file})`),
    [],
  );
});

test("every field of an exported type and every option of a function has a doc comment", () => {
  const seen = new Map<string, Found>();
  const add = (one: Found): void => {
    const key = `${one.file} ${one.name}`;
    if (seen.has(key)) return;
    seen.set(key, one);
    for (const part of partsOf(one)) add(find(one.file, part));
  };
  for (const one of exported()) add(one);
  const fields = [...seen.values()].map(fieldsOf);
  const count = fields.reduce((sum, { all }) => sum + all, 0);
  assert.ok(count > 880, `${count} fields`);
  assert.deepEqual(
    fields.flatMap(({ bare }) => bare),
    [],
  );
});
