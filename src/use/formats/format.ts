// A file format: a row of list.ts says how its files are called and told from others, a file of its own how they are read and
// written. `openFile`, the commands and their help go over that list.

import type { Shape } from "../../base/shape.ts";
import type { PreprocessingOptions } from "../../data/preprocessing.ts";
import type { FileSource } from "../../io/source.ts";
import type { Layer } from "../../nn/layer.ts";
import type { ModelSource } from "../../nn/source.ts";
import type { State } from "../../run/session.ts";
import type { OpenOptions } from "../contents.ts";
import type { ModelLocation } from "../storage/locate.ts";
import type { TaskName } from "../tasks/list.ts";
import type { NumberScale } from "../tasks/task.ts";
import type { TrainedModel } from "../trained.ts";

/** A model with all that belongs to it, from a file. */
export interface ModelContent {
  /** That it is a model. */
  readonly kind: "model";
  /** As `openModel` gives it. */
  readonly model: TrainedModel;
}

/** A network of operators, from a file. */
export interface NetworkContent {
  /** That it is a network. */
  readonly kind: "network";
  /** As `fileModel`, `verify` and `summarizeSource` take it. */
  readonly network: FileSource;
}

/** Numbers alone, from a file. */
export interface WeightsContent {
  /** That it is weights. */
  readonly kind: "weights";
  /** By their names in the file. */
  readonly weights: State;
}

/** What a file holds; `kind` tells which. */
export type FileContent = ModelContent | NetworkContent | WeightsContent;

/** A file that is to be opened. */
export interface GivenFile {
  /** Its path, address or name, for messages. */
  readonly title: string;
  /** All of it. */
  readonly bytes: Uint8Array;
  /** Where it was found. */
  readonly location: ModelLocation;
  /** The bytes of a file beside it, by its relative path. */
  readonly beside: (path: string) => Promise<Uint8Array>;
}

/** What is to be written. */
export interface Writable {
  /** The network. */
  readonly model: Layer | ModelSource;
  /** Its numbers. */
  readonly weights: State;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** What it has learnt; classification unless told. */
  readonly task?: TaskName;
  /** How its outputs become the numbers that are meant, where they are on a scale of their own. */
  readonly scale?: NumberScale;
  /** How pictures become its input, where it takes pictures. */
  readonly preprocessing?: PreprocessingOptions;
  /** The input [batch, …sizes] that it is written for. */
  readonly shape: Shape;
}

/** How it is to be written. */
export interface WriteOptions {
  /** What the file calls the network. */
  readonly name?: string;
  /** What the file calls the answer. */
  readonly output?: string;
  /** How floats are stored, where the format has a choice. */
  readonly floats?: "F32" | "F16" | "BF16";
}

/** How the files of a format are read and written. */
export interface FormatCode<Written> {
  /** Reads one. Throws a sentence for one that is damaged, cut short, or uses what is not known. */
  readonly open: (file: GivenFile, options: OpenOptions) => Promise<FileContent>;
  /** The bytes of one; absent where such files are only read. Throws a sentence for what it cannot hold. */
  readonly save?: (what: Written, options: WriteOptions) => Uint8Array | Promise<Uint8Array>;
}

interface Format<Holds extends FileContent["kind"], Written> {
  /** Its name: "ONNX". */
  readonly name: string;
  /** One such file in a list of what is taken: "an ONNX file". */
  readonly about: string;
  /** What its files hold. */
  readonly holds: Holds;
  /** How the names of its files end; it is by these that what is written is told. */
  readonly endings: readonly string[];
  /** Whether bytes are such a file; only their form is looked at. `members`: the names in them, if they are a zip. */
  readonly match: (bytes: Uint8Array, members: readonly string[]) => boolean;
  /** Whether such files are written too. */
  readonly written: boolean;
  /** Whether `floats` has a say in what is written. */
  readonly choosesFloats?: boolean;
  /** The code that reads and writes them, which is fetched when it is needed. */
  readonly load: () => Promise<FormatCode<Written>>;
}

/** One file format: of weights alone, or of whole networks. */
export type FileFormat = Format<"weights", State> | Format<"network" | "model", Writable>;
