// The one door through which words leave for a terminal. Names of layers, tensors, classes and files come from strangers, and
// some hold what a terminal obeys: colours, cursor moves, links, text that runs backwards. Here they become visible escapes,
// \u001b for ESC. Colours of our own pass, because paint seals them with two numbers that no file can know.
import { randomInt } from "node:crypto";

const seal = `${randomInt(1000, 10_000)};${randomInt(1000, 10_000)}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const sealed = /\u001b\[(\d{4};\d{4});(\d{1,2})m/g;

/** The colour code of paint, sealed. It fills no columns, and tables that know of colours pass over it. */
export const sealedColour = (code: number): string => `\u001b[${seal};${code}m`;

/** Controls, lone surrogates, what turns the direction of writing, and separators of lines and paragraphs. */
const obeyed = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Text of several lines as a terminal may have it, sealed colours opened. */
export function printable(text: string): string {
  let result = "";
  let done = 0;
  for (const found of text.matchAll(sealed)) {
    result += lines(text.slice(done, found.index));
    result += found[1] === seal ? `\u001b[${found[2]}m` : lines(found[0]);
    done = found.index + found[0].length;
  }
  return result + lines(text.slice(done));
}

const lines = (text: string): string =>
  text.replace(obeyed, (sign) => (sign === "\n" || sign === "\t" ? sign : escaped(sign)));

/** A name as it may stand within a line: what would break the line is escaped too. Sealed colours stay sealed. */
export function oneLine(text: string): string {
  return text.replace(/[\n\t\r]/g, (sign) => ({ "\n": "\\n", "\t": "\\t", "\r": "\\r" })[sign] ?? sign);
}

/** A JSON document of the same value whose text a terminal may have: JSON itself leaves some controls as they are. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(obeyed, (sign) => (sign === "\n" ? sign : escaped(sign)));

/** Writes to standard output or standard error. Nothing else in the command line does. */
export function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(printable(text));
}
