// The size that pictures of a folder are brought to, and how: chosen from their own sizes, where nothing is told.
import type { Choice } from "./choice.ts";
import type { Resize } from "./preprocessing.ts";

/** A picture's size. */
export interface Sides {
  readonly height: number;
  readonly width: number;
}

export interface SizeChoice extends Sides {
  readonly resize: Resize;
  readonly choices: readonly Choice[];
}

/** Pictures that share one size of at most so many pixels keep it. */
const ownSizeMost = 128;
/** Sides to choose from: each halves often enough for a network. */
const sides = [64, 48, 32] as const;
/** A middle that leaves out more than this share of the pictures' area loses too much. */
const mostCropped = 0.1;

/** The rules as sentences, by the option that goes before. */
export const formRules: readonly { readonly option: "size" | "resize"; readonly rule: string }[] = [
  {
    option: "size",
    rule: `The pictures' own size where all share one of at most ${ownSizeMost}; else the largest of ${[...sides].reverse().join(", ")} that is no more than the median of their shorter sides.`,
  },
  {
    option: "resize",
    rule: "`squash`, which shows the whole picture, where the square in the middle would leave out more than a tenth of the pictures' area; else `cover`.",
  },
];

/** Chooses from the sizes of pictures (of a spread of them, for large folders). */
export function chooseSize(found: readonly Sides[], told: Partial<Sides> & { readonly resize?: Resize }): SizeChoice {
  const distinct = new Set(found.map(({ height, width }) => `${width} x ${height}`));
  const [first] = found;
  const keeps = distinct.size === 1 && Math.max(first.height, first.width) <= ownSizeMost;
  const shorter = found.map(({ height, width }) => Math.min(height, width)).sort((a, b) => a - b);
  const median = shorter[Math.floor(shorter.length / 2)] ?? sides[0];
  const side = sides.find((one) => one <= median) ?? sides[sides.length - 1];
  const height = told.height ?? (keeps ? first.height : side);
  const width = told.width ?? (keeps ? first.width : side);
  const cropped = found.map((one) => lost(one, height / width));
  const share = cropped.length === 0 ? 0 : cropped.reduce((sum, part) => sum + part, 0) / cropped.length;
  const resize = told.resize ?? (share > mostCropped ? "squash" : "cover");
  const size: Choice = {
    ...{ what: "size", option: "size", value: `${width} x ${height}` },
    why: keeps ? "all pictures have it" : `the median of the shorter sides is ${median} pixels`,
  };
  const way: Choice = {
    ...{ what: "resize", option: "resize", value: resize },
    why:
      resize === "squash"
        ? `the square in the middle would leave out ${Math.round(100 * share)} % of the pictures`
        : "the middle shows nearly all of each picture",
  };
  const chosen = told.height === undefined || told.width === undefined ? [size] : [];
  return { height, width, resize, choices: [...chosen, ...(told.resize || share === 0 ? [] : [way])] };
}

/** The share of a picture that is left out where its middle has sides of a ratio. */
function lost({ height, width }: Sides, ratio: number): number {
  const own = height / width;
  return 1 - Math.min(own, ratio) / Math.max(own, ratio);
}
