// Augmentation is plain data, [{kind: "shift", pixels: 2}, {kind: "flip"}], applied in order to pixels of 0..1 before
// they are normalized. What happens to an image is a pure function of (seed, epoch, image): every step of the list draws
// from its own stream at a place that epoch and image name, so a resumed run sees what an unbroken one sees.

import { checkOptions, NeocogError, unknownName } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { Cutmix, Mixup } from "./augmentations/blends.ts";
import type { Card, Rule } from "./augmentations/card.ts";
import { type Augmentation, cards } from "./augmentations/list.ts";
import type { Picture } from "./warp.ts";

export type { Augmentation } from "./augmentations/list.ts";

/** What blends the pictures of a batch. */
export type Blend = Required<Mixup | Cutmix>;

/** A list whose options are complete and possible. */
export interface Augmenter {
  /** The list with every option filled in: what to store beside a model. */
  readonly list: readonly Augmentation[];
  /** The pixels of one image in one epoch. The picture's own pixels may be changed; use what is returned. */
  apply(picture: Picture, seed: number, epoch: number, image: number): Float32Array;
  /**
   * A map of what is known of each pixel, moved as `apply` moves the picture: a mask (with `outside`), or another picture. The
   * map's own numbers may be changed.
   */
  move(map: Picture, seed: number, epoch: number, image: number): Float32Array;
  /** A picture's numbers as they are after the changes of `apply`; changed in place. */
  turn(numbers: Float32Array, seed: number, epoch: number, image: number): void;
  /** The kinds of the list that move pixels by their number, and so fit only maps of the picture's own size. */
  readonly ofOneSize: readonly string[];
  /** What blends whole batches: one of these, drawn for each. */
  readonly blends: readonly Blend[];
}

/**
 * Checks a list of augmentations and makes it ready. Throws a NeocogError that names the nearest right kind or option,
 * or what a value may be.
 */
export function augmenter(list: readonly Augmentation[]): Augmenter {
  if (!Array.isArray(list)) throw new NeocogError('Augmentations are a list, such as [{ kind: "flip" }].');
  const complete = list.map(completed);
  const blends = complete.filter((step): step is Blend => cards[step.kind].blends === true);
  const again = blends.find(({ kind }, i) => blends.findIndex((other) => other.kind === kind) < i);
  if (again) throw new NeocogError(`Augmentation ${again.kind} stands in the list more than once.`);
  return {
    list: complete,
    apply: (picture, seed, epoch, image) => changed(picture, complete, () => true, seed, epoch, image),
    move: (map, seed, epoch, image) =>
      changed({ ...map, map: true }, complete, ({ moves = false }) => moves, seed, epoch, image),
    turn(row, seed, epoch, image) {
      for (const [place, step] of complete.entries())
        cardOf(step).numbers?.(row, streamFor(seed, `data/augment/${place}/${step.kind}`, epoch, image), step);
    },
    ofOneSize: complete.map(cardOf).flatMap(({ moves, anySize }, i) => (moves && !anySize ? [complete[i].kind] : [])),
    blends,
  };
}

/** Whether a list blends labels, so that they are shares of classes. */
export const blendsLabels = (list: readonly Augmentation[] = []): boolean =>
  list.some(({ kind }) => cards[kind].blends === true);

const cardOf = ({ kind }: Augmentation): Card<Augmentation> => cards[kind] as Card<Augmentation>;

/** What the steps of the list that `takes` names make of a picture. */
function changed(
  picture: Picture,
  list: readonly Required<Augmentation>[],
  takes: (card: Card<Augmentation>) => boolean,
  seed: number,
  epoch: number,
  image: number,
): Float32Array {
  let pixels = picture.pixels;
  for (const [place, step] of list.entries()) {
    const card = cardOf(step);
    if (!card.apply || !takes(card)) continue;
    const random = streamFor(seed, `data/augment/${place}/${step.kind}`, epoch, image);
    pixels = card.apply({ ...picture, pixels }, random, step);
  }
  return pixels;
}

/** A stream for one image (or batch) in one epoch: the epoch names the stream, the image its place in the stream. */
export function streamFor(seed: number, name: string, epoch: number, item: number): Random {
  return new Random(seed, `${name}/${epoch}`, item * drawsPerItem);
}

/** More than two numbers for every value of a picture of 2048 x 2048 x 3. */
const drawsPerItem = 2 ** 25;

/** One entry of the list with all its options, each checked. */
function completed(step: Augmentation): Required<Augmentation> {
  const kinds = Object.keys(cards);
  const kind: unknown = step?.kind;
  if (typeof kind !== "string" || !kinds.includes(kind)) throw unknownName("augmentation", String(kind), kinds);
  const rules = cards[step.kind].rules as Readonly<Record<string, Rule>>;
  checkOptions(`Augmentation ${kind}`, step, ["kind", ...Object.keys(rules)]);
  const given = step as unknown as Readonly<Record<string, unknown>>;
  const options = Object.entries(rules).flatMap(([name, rule]) => {
    const value = given[name] ?? rule.initial;
    if (rule.is === "places" && value === undefined) return [];
    if (!allows(rule, value)) {
      const found = value === undefined ? "nothing" : JSON.stringify(value);
      throw new NeocogError(`Augmentation ${kind}: ${name} must be ${described(rule)}, not ${found}.`);
    }
    return [[name, value]];
  });
  const complete = { kind, ...Object.fromEntries(options) } as Required<Augmentation>;
  const refused = cardOf(complete).refuses?.(complete);
  if (refused !== undefined) throw new NeocogError(`Augmentation ${kind}: ${refused}.`);
  return complete;
}

function allows(rule: Rule, value: unknown): boolean {
  const inside = (n: unknown): boolean =>
    rule.is !== "word" && rule.is !== "places" && typeof n === "number" && n >= rule.least && n <= rule.most;
  switch (rule.is) {
    case "number":
      return inside(value);
    case "whole":
      return inside(value) && Number.isInteger(value);
    case "pair":
      return Array.isArray(value) && value.length === 2 && value.every(inside) && value[0] <= value[1];
    case "word":
      return typeof value === "string" && rule.words.includes(value);
    case "places":
      return Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0);
  }
}

function described(rule: Rule): string {
  switch (rule.is) {
    case "number":
      return `a number from ${rule.least} to ${rule.most}`;
    case "whole":
      return `a whole number from ${rule.least} to ${rule.most}`;
    case "pair":
      return `a rising pair of numbers from ${rule.least} to ${rule.most}`;
    case "word":
      return `one of ${rule.words.join(", ")}`;
    case "places":
      return "a list of places, whole numbers from 0";
  }
}
