// Lines of text: broken at words to a width, and how wide they look.
import { stripVTControlCharacters } from "node:util";
import { visible } from "./door.ts";

/** Breaks a text into lines of at most `width` columns; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of visible(text).split(" ")) {
    if (line !== "" && visibleLength(line) + 1 + visibleLength(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Columns that a text fills, its colours apart. */
export function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Commands with what they do, side by side; below each other where that is too wide. */
export function pairs(
  given: readonly (readonly [command: string, what: string])[],
  width: number,
  paint = plain,
): string[] {
  const lines = given.map(([command, what]) => [visible(command), visible(what)] as const);
  const longest = Math.max(...lines.map(([command]) => command.length));
  const narrow = lines.some(([, what]) => 2 + longest + 2 + what.length > width);
  return lines.flatMap(([command, what]) =>
    narrow ? [`  ${paint(command)}`, `      ${what}`] : [`  ${paint(command.padEnd(longest))}  ${what}`],
  );
}

const plain = (text: string): string => text;
