// The one door through which words leave for a terminal. Names of layers, tensors, classes and files come from strangers, and
// some hold what a terminal obeys: line breaks, colours, cursor moves, links, text that runs backwards. Here they become
// visible escapes, \n and \u001b. The door takes lines, not text: a line ends where a list says so, never where a name does.
// Colours of our own pass, because paint seals them with two numbers that no file can know.
import { randomInt } from "node:crypto";

const seal = `${randomInt(1000, 10_000)};${randomInt(1000, 10_000)}`;
const begin = "\u001b";
const sealed = new RegExp(`${begin}\\[(\\d{4};\\d{4});(\\d{1,2})m`, "g");

/** The colour code of paint, sealed. It fills no columns, and tables that know of colours pass over it. */
export const sealedColour = (code: number): string => `${begin}[${seal};${code}m`;

/** Controls, lone surrogates, what turns the direction of writing, and separators of lines and paragraphs. */
const obeyed = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const escaped = (sign: string): string => short[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A line, or a part of one, as it is seen: as wide as it will be. Sealed colours stay sealed. */
export const visible = (text: string): string => spell(text, ([colour]) => colour);

/** A line as a terminal may have it, sealed colours opened. */
export const printable = (line: string): string => spell(line, ([, , code]) => `\u001b[${code}m`);

function spell(text: string, coloured: (found: RegExpMatchArray) => string): string {
  let result = "";
  let done = 0;
  for (const found of text.matchAll(sealed)) {
    if (found[1] !== seal) continue;
    result += plain(text.slice(done, found.index)) + coloured(found);
    done = found.index + found[0].length;
  }
  return result + plain(text.slice(done));
}

const plain = (text: string): string => text.replace(obeyed, escaped);

/** A JSON document of the same value whose lines a terminal may have: JSON itself leaves some controls as they are. */
export const jsonLines = (value: unknown, indent?: number): string[] =>
  JSON.stringify(value, null, indent)
    .split("\n")
    .map((line) => line.replace(obeyed, escaped));

/** Writes lines to standard output or standard error. Nothing else in the command line does. */
export function print(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(lines.map((line) => `${printable(line)}\n`).join(""));
}
