// What a graph is made of: tensors, nodes, and op cards. A tensor is a promise of numbers whose shape is already known; a
// node is one application of an op; the card says all that is known about the op. One card a family and its adjoints in ops/.
import type { NdArray } from "../base/array.ts";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Kernel } from "../kernel/kernel.ts";

/** The shape and element type of a tensor. */
export interface TensorType {
  /** Sizes of the axes, known when the graph is built. */
  readonly shape: Shape;
  /** What its numbers are. */
  readonly dtype: DType;
}

/** A symbolic tensor: a promise of numbers whose shape is already known. */
export interface Tensor extends TensorType {
  /** Sizes of the axes, known when the graph is built. */
  readonly shape: Shape;
  /** What its numbers are. */
  readonly dtype: DType;
  /** The node that gives it. */
  readonly node: Node;
  /** Which output of the node this is. */
  readonly output: number;
}

/** One application of an op in a graph; it never changes. */
export interface Node {
  /** Grows with creation: a node's inputs always have smaller numbers. */
  readonly id: number;
  /** What is computed. */
  readonly op: Op;
  /** The op's own settings, such as a stride. */
  readonly attributes: object;
  /** The tensors that it reads. */
  readonly inputs: readonly Tensor[];
  /** The tensors that it gives. */
  readonly outputs: readonly Tensor[];
  /** Path of the layer that made it, such as `layer1.0.conv1`; empty outside a model. */
  readonly path: string;
}

/**
 * What an output place sees of an input along one spatial axis: output i reads input places
 * [i * step + low, i * step + high] (not clipped to the input). A convolution has step = stride, low = -padding,
 * high = dilation * (kernel - 1) - padding; a transposed one has step = 1 / stride.
 */
export interface SpatialAxis {
  readonly step: number;
  readonly low: number;
  readonly high: number;
  /** Distance of the places read in between (a dilation); every whole place unless told. */
  readonly every?: number;
  /** Which place of the input stands where a read place lies outside; none unless told (zeros). */
  readonly beyond?: Beyond;
  /** The places that each output reads, where they are fewer than the rule above holds. */
  readonly places?: readonly (readonly number[])[];
}

/** How a map goes on beyond its edges by its own places. */
export type Beyond = "reflect" | "replicate" | "circular";

/** Per spatial axis (axes 2, 3, … of N C H W …), or all of the input, or nothing of its places (weights, statistics). */
export type Spatial = readonly SpatialAxis[] | "everything" | "nothing";

export interface Op<A extends object = object> {
  readonly name: string;

  /** Its first input must be of floats: what it computes of whole numbers would be rounded to nothing that means anything. */
  readonly ofFloats?: boolean;

  /** Types of the outputs; throws a ShapeError in words where the inputs cannot be. */
  infer(inputs: readonly TensorType[], attributes: A): readonly TensorType[];

  /** The definition: plain loops in float64. Leaves that are fed from outside have none. */
  reference?(inputs: readonly NdArray[], attributes: A, outputs: readonly TensorType[]): readonly NdArray[];

  /** The one loop of the waist that it is; "view" where the output is the input's numbers under another shape. */
  lower?(inputs: readonly TensorType[], attributes: A, outputs: readonly TensorType[]): Kernel | "view";

  /** Which other ops it is made of; undefined where these attributes leave it to the host. */
  expand?(inputs: readonly Tensor[], attributes: A): readonly Tensor[] | undefined;

  /**
   * Gradients with respect to the inputs, given those of the outputs (undefined where nothing flows). An op without
   * `gradient` but with `expand` is differentiated through its expansion.
   */
  gradient?(node: Node, gradients: readonly (Tensor | undefined)[], attributes: A): readonly (Tensor | undefined)[];

  /** Multiply-accumulates of one application. */
  macs?(inputs: readonly TensorType[], attributes: A, outputs: readonly TensorType[]): number;

  /** For each input, what an output place sees of it; ops of one place to one place may leave it out. */
  spatial?(inputs: readonly TensorType[], attributes: A, outputs: readonly TensorType[]): readonly Spatial[];
}
