// `--augment shift:2,flip,rotate:10`: each kind with the number that matters most; `none` for nothing.
import { nearest } from "../../src/base/errors.ts";
import type { Augmentation } from "../../src/doors/neocog.ts";
import { type OptionCard, UsageError } from "../command.ts";

type Make = (value: number | undefined) => Augmentation;

const kinds: Readonly<Record<string, { readonly about: string; readonly make: Make }>> = {
  shift: { about: "shift:2 pixels", make: (value = 1) => ({ kind: "shift", pixels: value }) },
  flip: { about: "flip", make: (value = 0.5) => ({ kind: "flip", probability: value }) },
  rotate: { about: "rotate:10 degrees", make: (value = 10) => ({ kind: "rotate", degrees: value }) },
  erase: { about: "erase:0.5 of the pictures", make: (value = 0.5) => ({ kind: "erase", probability: value }) },
  cutout: { about: "cutout:8 pixels", make: (value = 8) => ({ kind: "cutout", size: value }) },
  jitter: { about: "jitter:0.2", make: (value = 0.2) => ({ kind: "jitter", brightness: value, contrast: value }) },
  noise: { about: "noise:0.05", make: (value = 0.05) => ({ kind: "noise", deviation: value }) },
  mixup: { about: "mixup:0.2", make: (value = 0.2) => ({ kind: "mixup", alpha: value }) },
};

export function augmentation(flags: string): OptionCard<readonly Augmentation[]> {
  const list = Object.values(kinds).map(({ about }) => about);
  return {
    flags,
    about: `random changes of the training pictures, with commas between, or none (${list.join(", ")})`,
    read: (text) => (text === "none" ? [] : text.split(",").map(readOne)),
  };
}

function readOne(text: string): Augmentation {
  const [name, value] = text.trim().split(":");
  if (!Object.hasOwn(kinds, name)) {
    const near = nearest(name, Object.keys(kinds));
    throw new UsageError(
      `--augment has no "${name}"; ${near ? `did you mean "${near}"?` : `there are: ${Object.keys(kinds).join(", ")}.`}`,
    );
  }
  const number = value === undefined ? undefined : Number(value);
  if (number !== undefined && !(Number.isFinite(number) && number >= 0)) {
    throw new UsageError(`--augment ${name} takes a number, not "${value}".`);
  }
  return kinds[name].make(number);
}
