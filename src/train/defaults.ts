// What is chosen for data that no recipe was made for: rules in order, each a choice with its reason. What a person tells goes
// before. Tests, the page of defaults and the words of `train` go over the list.
import type { Augmentation } from "../data/augment.ts";
import type { Choice } from "../data/choice.ts";
import { countClasses } from "../data/dataset.ts";
import type { PictureSet } from "../data/images.ts";
import type { Change, Symmetry } from "../data/symmetry.ts";
import type { ModelName } from "../nn/models/names.ts";
import { AdamW } from "./optimizers/optimizer.ts";
import type { RecipeOptions } from "./options.ts";
import { balanced } from "./weigh.ts";

/** What the rules look at. */
export interface Facts {
  /** Pictures to learn from. */
  readonly pictures: number;
  /** Pictures of each class; absent where the labels are no classes. */
  readonly counts?: readonly number[];
  readonly height: number;
  readonly width: number;
  /** Mean of all pixels, 0 to 1. */
  readonly brightness: number;
  /** What becomes of classes when pictures are mirrored or turned, where that was asked. */
  readonly symmetries?: Readonly<Record<Change, Symmetry>>;
}

/** A recipe while it is made. */
export interface Chosen {
  readonly model: ModelName;
  readonly options: RecipeOptions;
}

interface Rule {
  readonly what: string;
  readonly option: string;
  /** The rule itself, as a sentence of the page of defaults. */
  readonly rule: string;
  choose(facts: Facts, sofar: Chosen): Partial<Chosen> & Pick<Choice, "value" | "why">;
}

/** Fewer pictures than this are learned better by few weights. */
const thousands = 2000;
/** A class with so many times fewer pictures than another is made to weigh as much. */
const uneven = 3;
/** Steps of the optimizer that a small set needs. */
const fewestSteps = 1600;

export const rules: readonly Rule[] = [
  {
    what: "network",
    option: "model",
    rule: `\`photos\` for fewer than ${thousands} training pictures, \`resnet10\` for more; \`fashion\`, which keeps places apart, where numbers are learnt.`,
    choose({ pictures, counts }) {
      if (!counts)
        return { model: "fashion", value: "fashion", why: "it keeps apart where in the picture something is" };
      return pictures < thousands
        ? {
            model: "photos",
            value: "photos",
            why: `few weights suit ${pictures} pictures; finds things wherever they are`,
          }
        : { model: "resnet10", value: "resnet10", why: `${pictures} pictures are enough for residual blocks` };
    },
  },
  {
    what: "batch",
    option: "batch",
    rule: "16 pictures below 1,000 training pictures, 32 below 10,000, 64 below 30,000, then 128.",
    choose({ pictures }, { options }) {
      const batch = pictures < 1000 ? 16 : pictures < 10_000 ? 32 : pictures < 30_000 ? 64 : 128;
      return {
        options: { ...options, batch },
        value: `${batch}`,
        why: `${Math.ceil(pictures / batch)} steps an epoch`,
      };
    },
  },
  {
    what: "epochs",
    option: "epochs",
    rule: `As many as give ${fewestSteps.toLocaleString("en")} steps, at least 12 and at most 120.`,
    choose({ pictures }, { options }) {
      const each = Math.ceil(pictures / (options.batch ?? 64));
      const epochs = Math.min(120, Math.max(12, Math.ceil(fewestSteps / each)));
      return {
        options: { ...options, epochs },
        value: `${epochs}`,
        why: `${(epochs * each).toLocaleString("en")} steps in all; a small set needs many rounds`,
      };
    },
  },
  {
    what: "rate",
    option: "lr",
    rule: "AdamW at 0.002 in one cycle (up, then down to nothing): it suits networks and data of any kind.",
    choose: (_, { options }) => ({
      options: {
        ...options,
        optimizer: AdamW({ lr: 0.002, weightDecay: 0.02, decayOn: "weights" }),
        schedule: { kind: "oneCycle" },
      },
      value: "adamW at 0.002, one cycle",
      why: "suits most data; down to nothing, so that the last epoch is a good one",
    }),
  },
  {
    what: "augmentation",
    option: "augment",
    rule: "Moved, enlarged and turned by 10 degrees. Mirrored, unless outlines of the training pictures say that classes differ by left and right. Upside down and turned all round where outlines tell the classes, and tell them as well after both.",
    choose({ brightness, symmetries, counts }, { options }) {
      const { mirrored, upsideDown, turned } = symmetries ?? {};
      const mirror = counts !== undefined && (mirrored?.kept ?? true);
      const round = [mirrored, upsideDown, turned].every((one) => one?.known && one.kept);
      const fill = Math.round(brightness * 100) / 100;
      const moved: Augmentation = {
        kind: "affine",
        degrees: round ? 180 : 10,
        translate: 0.08,
        scale: [0.85, 1.15],
        fill,
      };
      const flips: Augmentation[] = mirror ? [{ kind: "flip" }] : [];
      const found = mirrored && `${mirrored.plain} of ${mirrored.asked} told right as they are`;
      return {
        options: { ...options, augment: [...flips, moved] },
        value: [...(mirror ? ["mirrored"] : []), "moved", round ? "turned all round" : "turned a little"].join(", "),
        why: round
          ? "classes look the same whichever way up"
          : mirrored && !mirrored.kept
            ? `left and right tell classes apart (${found}, ${mirrored.changed} with mirrored ones)`
            : mirror
              ? "mirrored pictures keep their class"
              : "numbers may change in a mirror",
      };
    },
  },
  {
    what: "class weights",
    option: "classWeights",
    rule: `Balanced where the commonest class has at least ${uneven} times as many pictures as the rarest; none otherwise.`,
    choose({ counts }, { options }) {
      if (!counts) return { value: "", why: "" };
      const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
      const known = `from ${fewest} to ${most} pictures a class`;
      if (fewest === 0 || most < uneven * fewest) return { value: "all the same", why: known };
      const loss = { name: "crossEntropy", classWeights: balanced(counts) } as const;
      return {
        options: { ...options, loss },
        value: "balanced",
        why: `${known}: a rare class weighs as much as a common one`,
      };
    },
  },
];

/** What the rules choose. */
export function choose(facts: Facts): Chosen & { readonly choices: readonly Choice[] } {
  let chosen: Chosen = { model: "photos", options: {} };
  const choices: Choice[] = [];
  for (const { what, option, choose } of rules) {
    const { value, why, ...made } = choose(facts, chosen);
    chosen = { ...chosen, ...made };
    if (value !== "") choices.push({ what, option, value, why });
  }
  return { ...chosen, choices };
}

/** What the rules look at, of a training set. */
export function factsOf({ images, labels, classes }: PictureSet, mean: readonly number[]): Facts {
  const [pictures, , height, width] = images.shape;
  const brightness = mean.reduce((sum, n) => sum + n, 0) / mean.length;
  const counts = labels instanceof Int32Array ? { counts: Array.from(countClasses(labels, classes.length)) } : {};
  return { pictures, height, width, brightness, ...counts };
}
