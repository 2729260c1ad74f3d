// What is worth a look before data is learned from, each as one sentence: made of what an inspection summed up.

import { imbalanceOf, lackingIn, type PicturePlace } from "./concerns.ts";
import type { Concern, Inspection } from "./inspection.ts";
import type { Looked } from "./stream/look.ts";

/** A shorter side below this shows nothing; below a quarter of what is usual in the data it is an odd one out. */
const tiny = 16;
const outOfUsual = 4;
/** Pictures so many times longer than wide lose most when they are brought to a square. */
const long = 4;
/** Pictures whose pixels differ by less from their mean (of 255) are of one colour, a speck of dust apart. */
const plain = 2;
/** Pictures kept for each kind; the number goes on. */
const kept = 1000;

type Seen = Pick<Looked, "height" | "width" | "spread" | "reason">;

/** Pictures that are out of the ordinary, picked while they pass by. */
export class Oddities {
  readonly broken = new Some();
  readonly long = new Some();
  readonly plain = new Some();
  /** Pictures by their shorter side: which of them are small is known at the end. */
  readonly sides = new Map<number, Some>();

  add(place: PicturePlace, { height, width, spread, reason }: Seen): void {
    if (reason !== undefined) {
      this.broken.add(place);
      return;
    }
    const [side, longer] = [Math.min(height, width), Math.max(height, width)];
    if (longer > long * side) this.long.add(place);
    if (spread < plain) this.plain.add(place);
    const same = this.sides.get(side) ?? new Some();
    same.add(place);
    this.sides.set(side, same);
  }

  /** Those with a shorter side below a bound. */
  below(bound: number): Some {
    const all = new Some();
    for (const [side, some] of this.sides) if (side < bound) all.join(some);
    return all;
  }
}

/** The first pictures of a kind, and how many there are. */
class Some {
  count = 0;
  readonly places: PicturePlace[] = [];

  add(place: PicturePlace): void {
    this.count++;
    if (this.places.length < kept) this.places.push(place);
  }

  join({ count, places }: Some): void {
    this.count += count;
    this.places.push(...places.slice(0, kept - this.places.length));
  }
}

type Found = Omit<Inspection, "concerns">;

/** The worst first. */
export function concernsIn(found: Found, odd: Oddities): Concern[] {
  return [...ofClasses(found), ...ofCopies(found), ...ofPictures(found, odd)];
}

function ofClasses({ parts, classes, labelKind }: Found): Concern[] {
  if (labelKind !== "class" && labelKind !== "tags") return [];
  const [noun, many] = labelKind === "class" ? ["class", "classes"] : ["tag", "tags"];
  const lacking = lackingIn(parts, classes).map(({ part, classes: names }): Concern => {
    const where = part === "whole" ? "The data" : `The ${partTitle(part)} part`;
    const named = names.length > 1 ? `of ${names.length} ${many}: ${some(names)}` : `of the ${noun} ${names[0]}`;
    return { kind: "missing class", message: `${where} has no picture ${named}.`, places: [] };
  });
  // A tag that few pictures have is nothing unusual.
  const uneven = labelKind === "class" ? imbalanceOf(parts[0].counts, classes) : undefined;
  if (!uneven) return lacking;
  const { fewest, most, ratio } = uneven;
  const which = parts[0].part === "whole" ? "" : `${partTitle(parts[0].part)} `;
  const message = `The classes are uneven: ${fewest.name} has ${pictures(fewest.pictures, which)}, ${most.name} ${grouped(most.pictures)}, ${ratio.toFixed(ratio < 10 ? 1 : 0)} times as many.`;
  return [...lacking, { kind: "uneven classes", message, places: [] }];
}

function ofCopies({ copies }: Found): Concern[] {
  const across = copies.filter(({ acrossParts }) => acrossParts);
  const torn = copies.filter(({ acrossParts, acrossClasses }) => acrossClasses && !acrossParts);
  const plainly = copies.filter(({ acrossParts, acrossClasses }) => !acrossClasses && !acrossParts);
  const placesOf = (list: Found["copies"]): PicturePlace[] => list.flatMap(({ places }) => places);
  const concerns: Concern[] = [];
  if (across.length > 0) {
    concerns.push({
      ...{ kind: "copies across parts", places: placesOf(across).slice(0, kept) },
      message: `${one(across.length, "picture lies", "pictures lie")} in several parts under other names: what a model is judged by, it has learned from.`,
    });
  }
  if (torn.length > 0) {
    concerns.push({
      ...{ kind: "copies across classes", places: placesOf(torn).slice(0, kept) },
      message: `${one(torn.length, "picture has", "pictures have")} several classes, of which at most one can be right.`,
    });
  }
  const extra = plainly.reduce((sum, { places }) => sum + places.length - 1, 0);
  if (extra > 0) {
    concerns.push({
      ...{ kind: "copies", places: placesOf(plainly).slice(0, kept) },
      message: `${one(extra, "picture is a copy", "pictures are copies")} of another of the same class; cut by chance, copies land on both sides.`,
    });
  }
  return concerns;
}

function ofPictures({ sides, broken }: Found, odd: Oddities): Concern[] {
  const small = odd.below(sides ? Math.max(tiny, Math.ceil(sides.median / outOfUsual)) : 0);
  // Where all are small, that is what the data is.
  const usual = sides !== undefined && sides.median < tiny;
  const concerns: (Concern & { readonly count: number })[] = [
    {
      ...{ kind: "broken", count: odd.broken.count, places: odd.broken.places },
      message: `${one(odd.broken.count, "picture", "pictures")} cannot be read${broken[0] ? `, such as ${broken[0].file}` : ""}.`,
    },
    {
      ...{ kind: "tiny", count: usual ? 0 : small.count, places: small.places },
      message: `${one(small.count, "picture is", "pictures are")} tiny beside the others: a side below ${Math.max(tiny, Math.ceil((sides?.median ?? 0) / outOfUsual))} pixels.`,
    },
    {
      ...{ kind: "extreme shape", count: odd.long.count, places: odd.long.places },
      message: `${one(odd.long.count, "picture is", "pictures are")} more than ${long} times as long as wide; brought to a square most of it is lost or squashed.`,
    },
    {
      ...{ kind: "one colour", count: odd.plain.count, places: odd.plain.places },
      message: `${one(odd.plain.count, "picture is", "pictures are")} nearly of one colour and ${odd.plain.count === 1 ? "shows" : "show"} nothing.`,
    },
  ];
  return concerns.filter(({ count }) => count > 0).map(({ count: _, ...concern }) => concern);
}

const titles: Readonly<Record<string, string>> = { train: "training" };

/** The name of a part in words. */
export const partTitle = (part: string): string => titles[part] ?? part;

const grouped = (value: number): string => value.toLocaleString("en-US");
const one = (count: number, single: string, many: string): string => `${grouped(count)} ${count === 1 ? single : many}`;
const pictures = (count: number, which: string): string => one(count, `${which}picture`, `${which}pictures`);
const some = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(", ")} and ${names.length - 8} more` : names.join(", ");
