// What is suspicious about labelled pictures before anything is learned from them: classes that are uneven or lacking, and
// pictures that are there more than once. Counts and fingerprints are all that is asked for, so that a set that streams, one in
// memory and files that were only looked through are judged alike.

import { fingerprintsOf } from "./fingerprint.ts";
import type { PictureSet } from "./images.ts";

/** A class with so many times fewer pictures than another is learned far worse. */
const uneven = 3;

/** Two classes far apart in number. */
export interface Imbalance {
  /** The class with the fewest pictures, of those that have any. */
  readonly fewest: { readonly name: string; readonly pictures: number };
  /** The class with the most. */
  readonly most: { readonly name: string; readonly pictures: number };
  /** How many times more, at least 3. */
  readonly ratio: number;
}

/** The classes that are furthest apart, where the largest has at least three times as many pictures; classes without any are `lackingIn`'s. */
export function imbalanceOf(counts: ArrayLike<number>, classes: readonly string[]): Imbalance | undefined {
  const present = classes.map((name, c) => ({ name, pictures: counts[c] })).filter(({ pictures }) => pictures > 0);
  if (present.length < 2) return undefined;
  const fewest = present.reduce((least, one) => (one.pictures < least.pictures ? one : least));
  const most = present.reduce((best, one) => (one.pictures > best.pictures ? one : best));
  const ratio = most.pictures / fewest.pictures;
  return ratio < uneven ? undefined : { fewest, most, ratio };
}

/** How many pictures of each class a part has. */
export interface PartCounts {
  /** The part: train, validation or test; whole where there are none. */
  readonly part: string;
  /** By class. */
  readonly counts: ArrayLike<number>;
}

/** A part that has no picture of some classes. */
export interface Lacking {
  readonly part: string;
  readonly classes: readonly string[];
}

/** The classes of which a part has no picture, part by part. */
export function lackingIn(parts: readonly PartCounts[], classes: readonly string[]): Lacking[] {
  return parts
    .map(({ part, counts }) => ({ part, classes: classes.filter((_, c) => counts[c] === 0) }))
    .filter(({ classes: lacking }) => lacking.length > 0);
}

/** What tells the pictures of a part apart: 64 bits of each one's content, as two numbers. */
export interface PartPrints {
  readonly part: string;
  readonly prints: Uint32Array;
  /** The class of each picture, where it has one. */
  readonly labels?: Int32Array;
}

/** The prints of opened sets, of their pixels as they are learned from. */
export const printsOf = (part: string, { images, labels }: PictureSet): PartPrints => ({
  ...{ part, prints: fingerprintsOf(images) },
  ...(labels instanceof Int32Array ? { labels } : {}),
});

/** A picture by its part and its place there. */
export interface PicturePlace {
  /** train, validation or test; whole where there are no parts. */
  readonly part: string;
  /** From 0. */
  readonly index: number;
}

/** Pictures with one content. */
export interface Copies {
  /** All of them, by part and place. */
  readonly places: readonly PicturePlace[];
  /** They lie in several parts: what is tested on was learned from. */
  readonly acrossParts: boolean;
  /** They have several classes: at most one can be right. */
  readonly acrossClasses: boolean;
}

/** Pictures that are there more than once: across parts first, then across classes, then the most often copied. */
export function copiesIn(parts: readonly PartPrints[]): Copies[] {
  const offsets: number[] = [];
  let total = 0;
  for (const { prints } of parts) {
    offsets.push(total);
    total += prints.length / 2;
  }
  const all = new Uint32Array(2 * total);
  parts.forEach(({ prints }, p) => {
    all.set(prints, 2 * offsets[p]);
  });
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  order.sort((a, b) => all[2 * a] - all[2 * b] || all[2 * a + 1] - all[2 * b + 1] || a - b);
  const same = (a: number, b: number): boolean => all[2 * a] === all[2 * b] && all[2 * a + 1] === all[2 * b + 1];
  const found: Copies[] = [];
  for (let start = 0, end = 1; start < total; start = end++) {
    while (end < total && same(order[start], order[end])) end++;
    if (end - start > 1) found.push(copies(order.subarray(start, end), parts, offsets));
  }
  const rank = ({ acrossParts, acrossClasses }: Copies): number => 2 * Number(acrossParts) + Number(acrossClasses);
  return found.sort((a, b) => rank(b) - rank(a) || b.places.length - a.places.length);
}

function copies(group: Uint32Array, parts: readonly PartPrints[], offsets: readonly number[]): Copies {
  const places: PicturePlace[] = [];
  const labels = new Set<number>();
  for (const i of group) {
    const p = offsets.findLastIndex((offset) => offset <= i);
    const index = i - offsets[p];
    places.push({ part: parts[p].part, index });
    const label = parts[p].labels?.[index];
    if (label !== undefined) labels.add(label);
  }
  return { places, acrossParts: new Set(places.map(({ part }) => part)).size > 1, acrossClasses: labels.size > 1 };
}
