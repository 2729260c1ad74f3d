// The code blocks and commands of a Markdown page. A block that is not run says why in a comment on the line before it:
//
//   <!-- not run: needs PyTorch's weights from the internet -->
export interface Block {
  readonly file: string;
  /** The line of its fence, from 1. */
  readonly line: number;
  /** The words after the fence: a language, and what else tells how it is run ("ts page"). */
  readonly info: string;
  readonly text: string;
  readonly notRun: string | undefined;
}

export function blocksOf(file: string, markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const open = /^( *)(```+)(.*)$/.exec(lines[i]);
    if (!open) continue;
    const end = lines.findIndex((line, at) => at > i && line.trim() === open[2]);
    if (end < 0) throw new Error(`${file}:${i + 1}: the block is never closed`);
    const body = lines.slice(i + 1, end).map((line) => line.slice(Math.min(open[1].length, line.search(/\S|$/))));
    const before = lines.slice(0, i).findLast((line) => line.trim() !== "") ?? "";
    const notRun = /^ *<!-- not run: (.+) -->$/.exec(before)?.[1];
    blocks.push({ file, line: i + 1, info: open[3].trim(), text: `${body.join("\n")}\n`, notRun });
    i = end;
  }
  return blocks;
}

/** Commands in running text and tables: `neocog …` between back-ticks, without those that stand in blocks. */
export function inlineCommands(markdown: string): string[] {
  const text = markdown.replace(/^( *)(```+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, "");
  return [...text.matchAll(/`((?:npx )?neocog [^`]*)`/g)].map(([, command]) => command);
}
