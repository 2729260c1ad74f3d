// What is known of each picture, as data: its class, the several things that it shows, or numbers. A task (what a network
// learns from it) reads one kind; splitting, batching and mixing go over all of them here.

import { type NdArray, ndarray, storageOf } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { formatShape, sizeOf } from "../base/shape.ts";

/** Several labels a picture. */
export interface TagLabels {
  /** Told apart by this. */
  readonly kind: "tags";
  /** uint8 [count, tags]: 1 where the picture has the tag, else 0; the tags' names are the set's `classes`. */
  readonly values: NdArray;
}

/** One or more numbers a picture. */
export interface NumberLabels {
  /** Told apart by this. */
  readonly kind: "numbers";
  /** float32 [count, numbers]; what the numbers are called stands in the set's `classes`. */
  readonly values: NdArray;
}

/** Class of each picture (a place among the set's `classes`), its tags, or its numbers. */
export type Labels = Int32Array | TagLabels | NumberLabels;

/** What labels are: one class a picture, several tags, or numbers. */
export type LabelKind = "class" | "tags" | "numbers";

const areClasses = (labels: Labels): labels is Int32Array => !("kind" in labels);

export const kindOfLabels = (labels: Labels): LabelKind => (areClasses(labels) ? "class" : labels.kind);

/** How many pictures have a label. */
export const countLabels = (labels: Labels): number => (areClasses(labels) ? labels.length : labels.values.shape[0]);

/** The labels at the given places, in that order. */
export function takeLabels<L extends Labels>(labels: L, places: ArrayLike<number>): L;
export function takeLabels(labels: Labels, places: ArrayLike<number>): Labels {
  if (areClasses(labels)) return Int32Array.from(places, (place) => labels[place]);
  return { ...labels, values: rowsAt(labels.values, places) };
}

/** Refuses labels that cannot be: a class or tag that has no name, a number that is not finite. `nameOf` begins the sentence. */
export function checkLabels(labels: Labels, names: readonly string[], nameOf: (image: number) => string): void {
  if (areClasses(labels)) {
    for (let i = 0; i < labels.length; i++) {
      if (Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < names.length) continue;
      throw new DataError(
        `${nameOf(i)} the label ${labels[i]}, which is outside the ${names.length} classes (0 to ${names.length - 1}).`,
      );
    }
    return;
  }
  const { kind, values } = labels;
  const [, width] = values.shape;
  if (values.shape.length !== 2 || width !== names.length || width === 0) {
    throw new DataError(
      `The labels are ${kind} of shape ${formatShape(values.shape)}, but ${names.length} have a name; they must be [count, ${kind}].`,
    );
  }
  for (let i = 0; i < values.data.length; i++) {
    const value = values.data[i];
    const right = kind === "tags" ? value === 0 || value === 1 : Number.isFinite(value);
    if (right) continue;
    const must = kind === "tags" ? "a tag is 0 or 1" : "it must be a finite number";
    throw new DataError(`${nameOf(Math.floor(i / width))} the ${names[i % width]} ${value}; ${must}.`);
  }
}

function rowsAt({ shape, data, dtype }: NdArray, places: ArrayLike<number>): NdArray {
  const width = sizeOf(shape.slice(1));
  const rows = new (storageOf(dtype))(places.length * width);
  for (let i = 0; i < places.length; i++)
    rows.set(data.subarray(places[i] * width, (places[i] + 1) * width), i * width);
  return ndarray([places.length, ...shape.slice(1)], rows, dtype);
}

/** Labels as a loss reads them: int32 [batch] for classes, float32 [batch, tags] or [batch, numbers]. */
export function batchLabels(labels: Labels, places: ArrayLike<number>): NdArray {
  if (areClasses(labels)) return ndarray([places.length], takeLabels(labels, places), "int32");
  const { shape, data } = rowsAt(labels.values, places);
  return ndarray(shape, data instanceof Float32Array ? data : Float32Array.from(data));
}

/**
 * Groups of pictures that every part of a split shall have its share of: classes; for tags the rarest one that a picture
 * has; for numbers ten ranges of the first with as many pictures each.
 */
export function strataOf(labels: Labels): { readonly strata: Int32Array; readonly count: number } {
  if (areClasses(labels)) {
    let most = -1;
    for (const label of labels) most = Math.max(most, label);
    return { strata: labels, count: most + 1 };
  }
  const { shape, data } = labels.values;
  const [count, width] = shape;
  if (labels.kind === "tags") {
    const seen = new Float64Array(width);
    for (let i = 0; i < data.length; i++) seen[i % width] += data[i];
    const strata = Int32Array.from({ length: count }, (_, i) => {
      let rarest = width;
      for (let t = 0; t < width; t++)
        if (data[i * width + t] !== 0 && (rarest === width || seen[t] < seen[rarest])) rarest = t;
      return rarest;
    });
    return { strata, count: width + 1 };
  }
  const ranges = Math.max(1, Math.min(10, Math.floor(count / 10)));
  const order = Int32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => data[a * width] - data[b * width] || a - b,
  );
  const strata = new Int32Array(count);
  order.forEach((place, rank) => {
    strata[place] = Math.floor((rank * ranges) / count);
  });
  return { strata, count: ranges };
}
