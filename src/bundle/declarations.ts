// The types of a bundle, for a file beside it.

/** Beyond so many classes their names are any text. */
const most = 200;

export function declarations(name: string, classes: readonly string[]): string {
  const label = classes.length <= most ? classes.map((one) => JSON.stringify(one)).join(" | ") : "string";
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

export interface Guess {
  readonly label: Label;
  /** 0 to 1; those of all classes sum to 1. */
  readonly probability: number;
}

export interface PredictOptions {
  /** Classes to name; all unless told. */
  readonly top?: number;
  /** Turn dark into bright first: for ink on white paper, where the model knows white on black. */
  readonly invert?: boolean;
}

/** What a picture of any size is taken for, the likeliest first. */
export declare const predict: (picture: Pixels | Drawable, options?: PredictOptions) => Promise<Guess[]>;

/** The names of the classes, in the order of the model's outputs. */
export declare const classes: readonly Label[];

/** The size of pictures that the model sees; others are brought to it. */
export declare const input: { readonly channels: number; readonly height: number; readonly width: number };
`;
}
