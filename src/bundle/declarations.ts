// The types of a bundle, for a file beside it.
import type { LabelKind } from "../data/labels.ts";

/** Beyond so many classes their names are any text. */
const most = 200;

interface Answer {
  /** What predict gives, in words. */
  readonly words: string;
  /** Its type. */
  readonly type: string;
  /** Declared beside it. */
  readonly declared: string;
}

const guess = (probability: string): string => `
export interface Guess {
  readonly label: Label;
  /** ${probability} */
  readonly probability: number;
}
`;

/** What a bundle answers, by the labels that its model has learnt from. */
export const answerIn: Readonly<Record<LabelKind, Answer>> = {
  class: {
    words: "its classes, the likeliest first",
    type: "Guess[]",
    declared: guess("0 to 1; those of all classes sum to 1."),
  },
  tags: {
    words: "its tags, the likeliest first",
    type: "Guess[]",
    declared: guess("That the picture has it, 0 to 1, whatever the others are."),
  },
  numbers: { words: "its numbers by name", type: "Record<Label, number>", declared: "" },
  masks: {
    words: "its mask, a class for every pixel",
    type: "Mask",
    declared: `
/** A class for every pixel, of the size that the model sees. */
export interface Mask {
  /** Places among the classes, row by row. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}
`,
  },
  pictures: {
    words: "the picture that the model makes of it",
    type: "Drawn",
    declared: `
/** A picture: what \`new ImageData(data, width)\` takes. */
export interface Drawn {
  /** Red, green, blue and alpha by rows, 0 to 255. */
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}
`,
  },
};

export function declarations(name: string, labels: LabelKind, classes: readonly string[]): string {
  const named = classes.length > 0 && classes.length <= most;
  const label = named ? classes.map((one) => JSON.stringify(one)).join(" | ") : "string";
  const { words, type, declared } = answerIn[labels];
  const top = type === "Guess[]" ? "  /** Classes to name; all unless told. */\n  readonly top?: number;\n" : "";
  return `// ${name}: the types of a bundle of neocog.

/** The name of a class. */
export type Label = ${label};

/** Decoded pixels, row by row: 1 (gray), 3 or 4 (with alpha) numbers of 0 to 255 each. ImageData is one. */
export interface Pixels {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Where there is a browser: a Blob or File, or whatever can be drawn, such as an ImageBitmap, a canvas, an img or a video. */
export interface Drawable {
  readonly width?: number;
  readonly height?: number;
  readonly size?: number;
}
${declared}
export interface PredictOptions {
${top}  /** Turn dark into bright first: for ink on white paper, where the model knows white on black. */
  readonly invert?: boolean;
}

/** Of a picture of any size ${words}. */
export declare const predict: (picture: Pixels | Drawable, options?: PredictOptions) => Promise<${type}>;

/** The names of the classes, in the order of the model's outputs. */
export declare const classes: readonly Label[];

/** The size of pictures that the model sees; others are brought to it. */
export declare const input: { readonly channels: number; readonly height: number; readonly width: number };
`;
}
