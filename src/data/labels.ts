// What is known of each picture, as data: its class, the several things that it shows, or numbers. A task (what a network
// learns from it) reads one kind; splitting, batching and mixing go over all of them here.

import { type NdArray, ndarray, storageOf } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";

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

/** A class for every pixel of a picture. */
export interface MaskLabels {
  /** Told apart by this. */
  readonly kind: "masks";
  /** uint8 [count, height, width], as large as the pictures: places among the set's `classes`. */
  readonly values: NdArray;
  /** What stands for a pixel whose class is not known, which counts for nothing; 255 unless told. */
  readonly ignoreIndex?: number;
}

/** Another picture for each: what a network shall make of it. */
export interface PictureLabels {
  /** Told apart by this. */
  readonly kind: "pictures";
  /** [count, channels, height, width]; uint8 means 0..255, float32 means 0..1. The size may be another than the pictures'. */
  readonly values: NdArray;
}

/** Class of each picture (a place among the set's `classes`), its tags, its numbers, its mask, or another picture. */
export type Labels = Int32Array | TagLabels | NumberLabels | MaskLabels | PictureLabels;

/** What labels are: one class a picture, several tags, numbers, masks, or other pictures. */
export type LabelKind = "class" | "tags" | "numbers" | "masks" | "pictures";

/** What stands in a mask for a pixel that counts for nothing; undefined for other labels. */
export const ignoredIn = (labels: Labels): number | undefined =>
  !areClasses(labels) && labels.kind === "masks" ? (labels.ignoreIndex ?? 255) : undefined;

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

/**
 * Refuses labels that cannot be: a class or tag that has no name, a number that is not finite, a mask of another size than its
 * picture [height, width]. `nameOf` begins the sentence.
 */
export function checkLabels(
  labels: Labels,
  names: readonly string[],
  nameOf: (image: number) => string,
  size: Shape,
): void {
  if (areClasses(labels)) {
    for (let i = 0; i < labels.length; i++) {
      if (Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < names.length) continue;
      throw new DataError(
        `${nameOf(i)} the label ${labels[i]}, which is outside the ${names.length} classes (0 to ${names.length - 1}).`,
      );
    }
    return;
  }
  if (labels.kind === "masks" || labels.kind === "pictures") {
    if (labels.kind === "masks") checkMasks(labels, names, nameOf, size);
    else checkPictures(labels, nameOf);
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

function checkMasks(
  labels: MaskLabels,
  names: readonly string[],
  nameOf: (image: number) => string,
  [height, width]: Shape,
): void {
  const { shape, data } = labels.values;
  const [, h, w] = shape;
  if (shape.length !== 3 || h !== height || w !== width) {
    throw new DataError(
      `${nameOf(0)} masks of shape ${formatShape(shape)}; they must be [count, ${height}, ${width}], as large as the pictures.`,
    );
  }
  const ignored = ignoredIn(labels)!;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value === ignored || (Number.isInteger(value) && value >= 0 && value < names.length)) continue;
    const [row, column] = [Math.floor(i / w) % h, i % w];
    throw new DataError(
      `${nameOf(Math.floor(i / (h * w)))} a mask with the value ${value} in row ${row}, column ${column} (counted from 0), which is outside the ${names.length} classes (0 to ${names.length - 1}) and not ${ignored}, which is ignored.`,
    );
  }
}

function checkPictures({ values: { shape, data } }: PictureLabels, nameOf: (image: number) => string): void {
  if (shape.length !== 4) {
    throw new DataError(
      `${nameOf(0)} target pictures of shape ${formatShape(shape)}; they must be [count, channels, height, width].`,
    );
  }
  const size = sizeOf(shape.slice(1));
  for (let i = 0; i < data.length; i++) {
    if (data[i] - data[i] === 0) continue;
    throw new DataError(
      `${nameOf(Math.floor(i / size))} a target picture that holds ${data[i]}; every pixel must be a finite number.`,
    );
  }
}

function rowsAt({ shape, data, dtype }: NdArray, places: ArrayLike<number>): NdArray {
  const width = sizeOf(shape.slice(1));
  const rows = new (storageOf(dtype))(places.length * width);
  for (let i = 0; i < places.length; i++)
    rows.set(data.subarray(places[i] * width, (places[i] + 1) * width), i * width);
  return ndarray([places.length, ...shape.slice(1)], rows, dtype);
}

/**
 * Labels as a loss reads them: int32 [batch] for classes and [batch, height, width] for masks, float32 [batch, tags] or
 * [batch, numbers], pictures of 0..1 as float32 [batch, channels, height, width].
 */
export function batchLabels(labels: Labels, places: ArrayLike<number>): NdArray {
  if (areClasses(labels)) return ndarray([places.length], takeLabels(labels, places), "int32");
  const { shape, data, dtype } = rowsAt(labels.values, places);
  if (labels.kind === "masks") return ndarray(shape, Int32Array.from(data), "int32");
  if (labels.kind === "pictures" && dtype === "uint8")
    return ndarray(
      shape,
      Float32Array.from(data, (p) => p / 255),
    );
  return ndarray(shape, data instanceof Float32Array ? data : Float32Array.from(data));
}

/**
 * Groups of pictures that every part of a split shall have its share of: classes; for tags the rarest one that a picture
 * has; for numbers ten ranges of the first with as many pictures each; for masks the rarest class that a picture shows; one group
 * where other pictures are the labels.
 */
export function strataOf(labels: Labels): { readonly strata: Int32Array; readonly count: number } {
  if (areClasses(labels)) {
    let most = -1;
    for (const label of labels) most = Math.max(most, label);
    return { strata: labels, count: most + 1 };
  }
  const { shape, data } = labels.values;
  const [count, width] = shape;
  if (labels.kind === "pictures") return { strata: new Int32Array(count), count: 1 };
  if (labels.kind === "masks") return rarestShown(labels);
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

function rarestShown(labels: MaskLabels): { readonly strata: Int32Array; readonly count: number } {
  const { shape, data } = labels.values;
  const size = sizeOf(shape.slice(1));
  const ignored = ignoredIn(labels);
  const shown = Array.from({ length: shape[0] }, (_, i) => {
    const classes = new Set(data.subarray(i * size, (i + 1) * size));
    return [...classes].filter((c) => c !== ignored).sort((a, b) => a - b);
  });
  const seen = new Map<number, number>();
  for (const c of shown.flat()) seen.set(c, (seen.get(c) ?? 0) + 1);
  const groups = Math.max(-1, ...seen.keys()) + 2;
  const rarest = (classes: readonly number[]): number =>
    classes.reduce((best, c) => (seen.get(c)! < seen.get(best)! ? c : best), classes[0] ?? groups - 1);
  return { strata: Int32Array.from(shown, rarest), count: groups };
}
