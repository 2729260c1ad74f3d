// A network from a file of another library (onnx/source.ts, tfjs/source.ts), ready to be built for any batch and picture.
import { understand } from "../base/arguments.ts";
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { like, optional, type Rule, shape as shapeRule, whole } from "../base/rules.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { BuiltSource, ModelSource } from "../nn/source.ts";
import type { Trainable, TrainableOptions } from "./onnx/trainable.ts";

const fileSource: Rule = like("a network from a file, as onnxSource() gives it", "build", "inputName");

/** A network from a file. */
export interface FileSource extends ModelSource {
  /** Builds the network for an input [batch, …sizes] in the file's own order. Throws where the file does not allow the shape. */
  build(shape: Shape): BuiltSource;
  /** Name of the input that pictures go to. */
  readonly inputName: string;
  /** The input's sizes as the file has them: a number, or the name of what is open; undefined if the file does not say. */
  readonly inputSizes: readonly (number | string)[] | undefined;
  /** Names of all inputs in the file. */
  readonly inputs: readonly string[];
  /** Names of all outputs in the file. */
  readonly outputs: readonly string[];
  /** Name of the output that counts: the first unless told. */
  readonly outputName: string;
  /** Every number that the network learned, by its name in the file, once it has been built for a shape. */
  weights(shape: Shape): Map<string, NdArray>;
  /** The file with the first output of every layer as an output, for other runtimes that read such files; names by path. */
  traced?(shape: Shape): {
    /** The bytes of the new file. */
    readonly bytes: Uint8Array;
    /** The name of each layer's output in it, by the layer's path. */
    readonly names: ReadonlyMap<string, string>;
  };
  /** The network as a layer whose weights can be trained, with other outputs where it is told; what fineTune asks for. */
  trainable?(shape: Shape, options: Omit<TrainableOptions, "output" | "inputShape">): Promise<Trainable>;
  /** Notes in the file, such as "classes". */
  readonly metadata: ReadonlyMap<string, string>;
  /** Whether pictures usually go into such networks as 0..1, without a mean and a deviation. */
  readonly plainPictures?: boolean;
}

/** A way to build that is gone once for a shape: who asks for the last one again, as every part of one answer does, is given the same. */
export function builtOnce<T>(build: (shape: Shape) => T): (shape: Shape) => T {
  let last: { readonly key: string; readonly built: T } | undefined;
  return (shape) => {
    const key = shape.join();
    if (last?.key !== key) last = { key, built: build(shape) };
    return last.built;
  };
}

/**
 * The shape [batch, …sizes] to build for: what the file fixes, filled up with what is given, which is either all sizes after
 * the batch or only those that the file leaves open. Throws a sentence that names what is still open.
 */
export function inputShapeOf(source: FileSource, given?: Shape, batch = 1): Shape {
  understand("inputShapeOf", arguments, {
    source: fileSource,
    given: optional(shapeRule()),
    batch: optional(whole(1)),
  });
  const { inputName, inputSizes } = source;
  if (!inputSizes) {
    if (!given)
      throw new NeocogError(`The file does not say the sizes of its input "${inputName}"`, { mend: "give them." });
    return [batch, ...given];
  }
  const [first, ...rest] = inputSizes;
  const start = inputSizes.length === 0 ? [] : [typeof first === "number" ? first : batch];
  const open = rest.filter((size) => typeof size === "string");
  if (given && given.length === open.length) {
    let next = 0;
    return [...start, ...rest.map((size) => (typeof size === "number" ? size : given[next++]))];
  }
  if (given && given.length !== rest.length) {
    const axes = `${rest.length} ${rest.length === 1 ? "axis" : "axes"} after the batch (${rest.join(" x ")})`;
    throw new NeocogError(`The input "${inputName}" has ${axes}, not ${given.length} as in ${formatShape(given)}.`);
  }
  if (open.length > 0 && !given)
    throw new NeocogError(`The file leaves ${open.join(", ")} of its input "${inputName}" open`, {
      mend: "give the sizes.",
    });
  return [...start, ...rest.map((size, axis) => given?.[axis] ?? (size as number))];
}
