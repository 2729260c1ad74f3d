// `--augment shift:2,flip,rand:2:9`: each kind with the numbers that matter most; `none` for nothing.
import { nearest } from "../../src/base/errors.ts";
import type { Augmentation } from "../../src/doors/neocog.ts";
import { type OptionCard, UsageError } from "../command.ts";

interface Kind {
  /** As it is written, with the numbers that stand where none are told. */
  readonly about: string;
  /** What the numbers are, for errors. */
  readonly takes: readonly string[];
  readonly make: (...values: (number | undefined)[]) => Augmentation;
}

const kind = (about: string, takes: readonly string[], make: Kind["make"]): Kind => ({ about, takes, make });
const often = "how often (0 to 1)";

/** Every kind but for its options of more than a number, by the words of the command line. */
export const augmentKinds: Readonly<Record<string, Kind>> = {
  shift: kind("shift:1 pixels", ["pixels"], (pixels = 1) => ({ kind: "shift", pixels })),
  flip: kind("flip", [often], (probability = 0.5) => ({ kind: "flip", probability })),
  rotate: kind("rotate:10 degrees", ["degrees"], (degrees = 10) => ({ kind: "rotate", degrees })),
  affine: kind("affine:10:0.1 degrees, share of a side", ["degrees", "a share"], (degrees = 10, translate = 0.1) => ({
    ...{ kind: "affine", degrees, translate },
  })),
  shear: kind("shear:10 degrees", ["degrees"], (degrees = 10) => ({ kind: "shear", degrees })),
  perspective: kind("perspective:0.5", ["distortion (0 to 1)", often], (distortion = 0.5, probability = 0.5) => ({
    ...{ kind: "perspective", distortion, probability },
  })),
  crop: kind("crop:0.5 of the area at least", ["the least share of the area"], (least = 0.5) => ({
    ...{ kind: "resizedCrop", area: [least, 1] },
  })),
  erase: kind("erase:0.5 of the pictures", [often], (probability = 0.5) => ({ kind: "erase", probability })),
  cutout: kind("cutout:8 pixels", ["pixels"], (size = 8) => ({ kind: "cutout", size })),
  jitter: kind(
    "jitter:0.2 brightness and contrast, saturation, hue",
    ["brightness and contrast", "saturation", "hue (0 to 0.5)"],
    (both = 0.2, saturation = 0, hue = 0) => ({ kind: "jitter", brightness: both, contrast: both, saturation, hue }),
  ),
  noise: kind("noise:0.05", ["deviation"], (deviation = 0.05) => ({ kind: "noise", deviation })),
  autocontrast: kind("autocontrast", [often], (probability = 0.5) => ({ kind: "autocontrast", probability })),
  equalize: kind("equalize", [often], (probability = 0.5) => ({ kind: "equalize", probability })),
  posterize: kind("posterize:4 bits", ["bits", often], (bits = 4, probability = 0.5) => ({
    ...{ kind: "posterize", bits, probability },
  })),
  solarize: kind("solarize:0.5", ["threshold (0 to 1)", often], (threshold = 0.5, probability = 0.5) => ({
    ...{ kind: "solarize", threshold, probability },
  })),
  invert: kind("invert", [often], (probability = 0.5) => ({ kind: "invert", probability })),
  sharpness: kind("sharpness:2", ["factor", often], (factor = 2, probability = 0.5) => ({
    ...{ kind: "sharpness", factor, probability },
  })),
  rand: kind(
    "rand:2:9 RandAugment (changes, strength)",
    ["changes", "strength", "strengths"],
    (numOps = 2, magnitude = 9, numMagnitudeBins = 31) => ({
      ...{ kind: "randAugment", numOps, magnitude, numMagnitudeBins },
    }),
  ),
  trivial: kind("trivial", ["strengths"], (numMagnitudeBins = 31) => ({
    ...{ kind: "trivialAugmentWide", numMagnitudeBins },
  })),
  mixup: kind("mixup:0.2", ["alpha"], (alpha = 0.2) => ({ kind: "mixup", alpha })),
  cutmix: kind("cutmix:1", ["alpha"], (alpha = 1) => ({ kind: "cutmix", alpha })),
};

export function augmentation(flags: string): OptionCard<readonly Augmentation[]> {
  const list = Object.values(augmentKinds).map(({ about }) => about);
  return {
    flags,
    about: `random changes of the training pictures, with commas between, or none (${list.join("; ")})`,
    read: (text) => (text === "none" ? [] : text.split(",").map(readOne)),
  };
}

function readOne(text: string): Augmentation {
  const [name, ...values] = text.trim().split(":");
  if (!Object.hasOwn(augmentKinds, name)) {
    const near = nearest(name, Object.keys(augmentKinds));
    throw new UsageError(
      `--augment has no "${name}"; ${near ? `did you mean "${near}"?` : `there are: ${Object.keys(augmentKinds).join(", ")}.`}`,
    );
  }
  const { takes, make } = augmentKinds[name];
  const numbers = values.map(Number);
  const wrong = numbers.findIndex((value, i) => values[i] === "" || !Number.isFinite(value) || value < 0);
  if (wrong >= 0 && wrong < takes.length) {
    throw new UsageError(`--augment ${name} takes a number for ${takes[wrong]}, not "${values[wrong]}".`);
  }
  if (values.length > takes.length) {
    const most = takes.length === 1 ? "one number" : `${takes.length} numbers`;
    throw new UsageError(`--augment ${name} takes at most ${most} (${takes.join(", ")}), not "${values.join(":")}".`);
  }
  return make(...numbers);
}
