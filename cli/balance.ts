// How many pictures each class has, and what always giving the commonest answer would reach: what accuracies are to be held against.

import { count, grouped, percent } from "../src/base/amounts.ts";
import { type ClassSet, countClasses, majorityOf, type Split } from "../src/doors/neocog.ts";
import type { Context } from "./context.ts";
import { wrap } from "./lines.ts";

/** A class with so many times fewer pictures than another is learned far worse. */
const uneven = 3;
/** More classes are told by their smallest and largest. */
const mostListed = 20;

export interface ClassCount {
  readonly name: string;
  readonly train: number;
  readonly validation?: number;
  readonly test?: number;
}

export function classCounts({ train, validation, test }: Split<ClassSet>): ClassCount[] {
  const counts = [train, validation, test].map((part) => part && countClasses(part.labels, train.classes.length));
  const [trained, validated, tested] = counts;
  return train.classes.map((name, c) => ({
    ...{ name, train: trained![c] },
    ...(validated ? { validation: validated[c] } : {}),
    ...(tested ? { test: tested[c] } : {}),
  }));
}

/** Lines before a training: the training pictures of each class, and a warning where they are uneven. */
export function describeClasses({ train }: Split<ClassSet>, { paint, width }: Context): string[] {
  const counts = countClasses(train.labels, train.classes.length);
  const order = Array.from(counts.keys()).sort((a, b) => counts[a] - counts[b] || a - b);
  const named = (c: number): string => `${train.classes[c]}: ${grouped(counts[c])}`;
  const [fewest, most] = [order[0], order[order.length - 1]];
  const told =
    counts.length > mostListed ? `from ${named(fewest)} to ${named(most)}` : [...counts.keys()].map(named).join(", ");
  const lines = wrap(told, width - 9).map((line, i) => `${paint.faint(i === 0 ? "classes  " : "         ")}${line}`);
  if (counts[most] < uneven * counts[fewest]) return lines;
  const warning = `The classes are uneven: ${train.classes[fewest]} has ${count(counts[fewest], "training picture")}, ${train.classes[most]} ${grouped(counts[most])}. ${baseline(train)} Look at the recall of each class.`;
  return [...lines, ...wrap(warning, width).map(paint.warn)];
}

/** What the accuracy on a set is worth. */
export function baseline(set: ClassSet): string {
  const { name, share } = majorityOf(set);
  return `Always answering ${name} would be right for ${percent(share)}.`;
}

/** The sentence where the set is uneven enough for it to matter. */
export function baselineIfUneven(set: ClassSet): string[] {
  const present = new Set(set.labels).size;
  return present > 1 && majorityOf(set).share >= 1.5 / present ? [baseline(set)] : [];
}
