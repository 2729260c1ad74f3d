// What a look at data finds before anything is trained on it: what it is made of, part by part and class by class, and what
// about it is suspicious.

import type { Copies, PicturePlace } from "./concerns.ts";
import type { Skipped } from "./dataset.ts";
import type { PictureSet } from "./images.ts";
import type { LabelKind, Labels } from "./labels.ts";

/** What is suspicious, by name. */
export type ConcernKind =
  | "uneven classes"
  | "missing class"
  | "copies across parts"
  | "copies across classes"
  | "copies"
  | "broken"
  | "tiny"
  | "extreme shape"
  | "one colour";

/** Something about the data that is worth a look. */
export interface Concern {
  /** Which of the kinds. */
  readonly kind: ConcernKind;
  /** One sentence with the figures. */
  readonly message: string;
  /** The pictures it is about, by part and place there; none where it is about classes. */
  readonly places: readonly PicturePlace[];
}

/** The pictures of one part. */
export interface InspectedPart {
  /** train, validation or test; whole where nothing is cut. */
  readonly part: string;
  /** How many pictures there are, broken ones among them. */
  readonly pictures: number;
  /** Pictures of each class or tag; empty where there are none. */
  readonly counts: readonly number[];
  /** The file of each picture, where pictures are files. */
  readonly files?: readonly string[];
  /** The set, where pictures are not files. */
  readonly set?: PictureSet;
  /** What is known of each picture. */
  readonly labels?: Labels;
}

/** Height and width with the number of pictures that have them. */
export interface SizeCount {
  /** Pixels down, as seen. */
  readonly height: number;
  /** Pixels across. */
  readonly width: number;
  /** How many. */
  readonly pictures: number;
}

/** A format with the number of pictures that have it. */
export interface FormatCount {
  /** By the first bytes of the file, whatever its name says. */
  readonly format: string;
  /** How many. */
  readonly pictures: number;
}

/** Sides of pictures in pixels. */
export interface Sides {
  /** The shortest of all. */
  readonly least: number;
  /** Of the shorter side. */
  readonly median: number;
  /** The longest of all. */
  readonly most: number;
}

/** What data is made of. */
export interface Inspection {
  /** As it was named. */
  readonly name: string;
  /** What is known of each picture. */
  readonly labelKind: LabelKind;
  /** Names of the classes, tags or numbers. */
  readonly classes: readonly string[];
  /** Its parts. */
  readonly parts: readonly InspectedPart[];
  /** How many pictures there are in all. */
  readonly pictures: number;
  /** Bytes of all files, or of the pixels where pictures are not files. */
  readonly bytes: number;
  /** Pictures of each format, the commonest first. */
  readonly formats: readonly FormatCount[];
  /** The ten commonest sizes, the commonest first. */
  readonly sizes: readonly SizeCount[];
  /** Absent where no picture can be read. */
  readonly sides?: Sides;
  /** Files that are no pictures, with the reason. */
  readonly skipped: readonly Skipped[];
  /** Pictures that cannot be read, with the reason. */
  readonly broken: readonly Skipped[];
  /** Pictures that are there more than once. */
  readonly copies: readonly Copies[];
  /** What is worth a look, the worst first; empty where all is well. */
  readonly concerns: readonly Concern[];
}
