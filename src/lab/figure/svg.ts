// The few shapes that figures are made of.

/** Width of a figure between its margins. */
export const room = 688;
export const inks = ["#1f5fa8", "#c4452d", "#2f8f4e", "#8a5bb0", "#b8860b", "#5a5a5a"];

export interface Drawing {
  readonly height: number;
  readonly shapes: string;
}

export const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (words: string): string =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export const write = (x: number, y: number, words: string, more = ""): string =>
  `<text x="${round(x)}" y="${round(y)}"${more}>${escaped(words)}</text>`;

export const line = (x1: number, y1: number, x2: number, y2: number, ink = "#ddd"): string =>
  `<line x1="${round(x1)}" x2="${round(x2)}" y1="${round(y1)}" y2="${round(y2)}" stroke="${ink}"/>`;

export const rectangle = (x: number, y: number, wide: number, tall: number, fill: string, more = ""): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(tall)}" fill="${fill}"${more}/>`;

/** About how wide words are at 12 pixels. */
export const widthOf = (words: string): number => 6.8 * words.length;

export const titled = (title: string | undefined): Drawing =>
  title ? { shapes: write(0, 12, title, ' font-weight="bold"'), height: 20 } : { shapes: "", height: 0 };
