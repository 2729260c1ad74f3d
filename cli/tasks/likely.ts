// What tasks share that give each class or tag a probability.
import type { Context } from "../context.ts";
import { bars, share } from "./view.ts";

interface Likely {
  readonly classes: readonly { readonly label: number; readonly name: string; readonly probability: number }[];
}

/** Rows of a task whose prediction lists classes or tags with their probabilities. */
export const likely = {
  strength: {
    ...{ key: "probability", likeliest: true },
    of: ({ classes }: Likely, names: readonly string[]): number[] => {
      const probabilities = new Array<number>(names.length).fill(0);
      for (const { label, probability } of classes) probabilities[label] = probability;
      return probabilities;
    },
    show: share,
  },
  taken: "[{ label, probability }]",
  said: ({ classes }: Likely, context: Context): string[] =>
    bars(
      classes.map(({ name, probability }) => [name, probability]),
      context,
    ),
} as const;
