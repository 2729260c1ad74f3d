// The numbers that a parameter starts from: a pure function of (seed, its full name), so they do not depend on the order in which
// layers are built.
//
// Fans are PyTorch's: for a weight [out, in, …kernel], fan_in = in · Πkernel and fan_out = out · Πkernel.
// Glorot & Bengio 2010 (Xavier), He et al. 2015 (Kaiming), Saxe et al. 2014 (orthogonal).
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { hashText, threefry } from "../base/random.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import type { Initialiser, Nonlinearity } from "./initialiser.ts";

/** How many numbers of the input one output reads, and how many outputs one input number reaches. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Fans of a weight [out, in, …kernel]. Throws for a shape of fewer than two axes. */
export function fans(shape: Shape): Fans {
  if (shape.length < 2)
    throw new NeocogError(
      `A parameter of shape ${formatShape(shape)} has no fans: Kaiming and Xavier need at least two axes.`,
    );
  const kernel = sizeOf(shape.slice(2));
  return { fanIn: shape[1] * kernel, fanOut: shape[0] * kernel };
}

/** How much a non-linearity shrinks the standard deviation, inverted (torch.nn.init.calculate_gain). */
export function gain(nonlinearity: Nonlinearity, slope = 0): number {
  switch (nonlinearity) {
    case "linear":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + slope * slope));
    case "selu":
      return 3 / 4;
  }
}

/** The numbers of the parameter `name` at the start. */
export function initialise(initialiser: Initialiser, shape: Shape, seed: number, name: string): NdArray {
  const data = new Float32Array(sizeOf(shape));
  const stream = hashText(name);
  switch (initialiser.kind) {
    case "constant":
      data.fill(initialiser.value);
      break;
    case "uniform":
      fillUniform(data, initialiser.low, initialiser.high, seed, stream);
      break;
    case "normal":
      fillNormal(data, initialiser.mean, initialiser.std, seed, stream);
      break;
    case "truncNormal":
      fillTruncated(data, initialiser, seed, stream);
      break;
    case "kaimingUniform":
    case "kaimingNormal": {
      const { fanIn, fanOut } = fans(shape);
      const fan = initialiser.mode === "fanIn" ? fanIn : fanOut;
      const std = gain(initialiser.nonlinearity, initialiser.slope) / Math.sqrt(Math.max(1, fan));
      fillWithStd(data, std, initialiser.kind === "kaimingUniform", seed, stream);
      break;
    }
    case "xavierUniform":
    case "xavierNormal": {
      const { fanIn, fanOut } = fans(shape);
      const std = initialiser.gain * Math.sqrt(2 / Math.max(1, fanIn + fanOut));
      fillWithStd(data, std, initialiser.kind === "xavierUniform", seed, stream);
      break;
    }
    case "orthogonal":
      fillOrthogonal(data, shape, initialiser.gain, seed, stream);
      break;
    case "dirac":
      fillDirac(data, shape, initialiser.groups);
      break;
  }
  return ndarray(shape, data);
}

/** A uniform distribution of standard deviation s ends at ± s √3. */
function fillWithStd(data: Float32Array, std: number, flat: boolean, seed: number, stream: number): void {
  if (flat) fillUniform(data, -std * Math.sqrt(3), std * Math.sqrt(3), seed, stream);
  else fillNormal(data, 0, std, seed, stream);
}

/** Both words of a block are used: number 2b and 2b + 1 come from block b. */
function fillUniform(data: Float32Array, low: number, high: number, seed: number, stream: number): void {
  const scale = (high - low) * 2 ** -24;
  for (let i = 0; i < data.length; i += 2) {
    const [a, b] = threefry(seed | 0, stream | 0, i >>> 1, 0);
    data[i] = low + (a >>> 8) * scale;
    if (i + 1 < data.length) data[i + 1] = low + (b >>> 8) * scale;
  }
}

/** Box and Muller: two uniform numbers give two normal ones. */
function fillNormal(data: Float32Array, mean: number, std: number, seed: number, stream: number): void {
  for (let i = 0; i < data.length; i += 2) {
    const [a, b] = threefry(seed | 0, stream | 0, i >>> 1, 0);
    const radius = std * Math.sqrt(-2 * Math.log(1 - (a >>> 8) * 2 ** -24));
    const angle = 2 * Math.PI * (b >>> 8) * 2 ** -24;
    data[i] = mean + radius * Math.cos(angle);
    if (i + 1 < data.length) data[i + 1] = mean + radius * Math.sin(angle);
  }
}

/** Draws again what falls outside; each number has its own counter, so that all others stay as they are. */
function fillTruncated(
  data: Float32Array,
  { mean, std, low, high }: { mean: number; std: number; low: number; high: number },
  seed: number,
  stream: number,
): void {
  if (!(low < mean + 8 * std && high > mean - 8 * std && low < high)) {
    throw new NeocogError(
      `A normal distribution of mean ${mean} and deviation ${std} has nothing between ${low} and ${high}.`,
    );
  }
  for (let i = 0; i < data.length; i++) {
    let value: number;
    let attempt = 0;
    do {
      const [a, b] = threefry(seed | 0, stream | 0, i, attempt++);
      value =
        mean + std * Math.sqrt(-2 * Math.log(1 - (a >>> 8) * 2 ** -24)) * Math.cos(2 * Math.PI * (b >>> 8) * 2 ** -24);
    } while (value < low || value > high);
    data[i] = value;
  }
}

/** Rows (or columns, whichever are fewer) of length `gain`, at right angles: Gram-Schmidt, twice for accuracy. */
function fillOrthogonal(data: Float32Array, shape: Shape, length: number, seed: number, stream: number): void {
  if (shape.length < 2)
    throw new NeocogError(`An orthogonal start needs at least two axes, not the shape ${formatShape(shape)}.`);
  const rows = shape[0];
  const columns = sizeOf(shape.slice(1));
  const vectors = Math.min(rows, columns);
  const size = Math.max(rows, columns);
  const drawn = new Float32Array(vectors * size);
  fillNormal(drawn, 0, 1, seed, stream);
  const basis: Float64Array[] = [];
  for (let k = 0; k < vectors; k++) {
    const vector = Float64Array.from(drawn.subarray(k * size, (k + 1) * size));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const along = other.reduce((sum, value, i) => sum + value * vector[i], 0);
        for (let i = 0; i < size; i++) vector[i] -= along * other[i];
      }
    }
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    basis.push(vector.map((value) => value / norm));
  }
  basis.forEach((vector, k) => {
    for (let i = 0; i < size; i++) data[rows <= columns ? k * columns + i : i * columns + k] = length * vector[i];
  });
}

function fillDirac(data: Float32Array, shape: Shape, groups: number): void {
  if (shape.length < 3 || shape[0] % groups !== 0) {
    throw new NeocogError(
      `A dirac start needs a convolution's weight whose output channels divide into ${groups} groups, not ${formatShape(shape)}.`,
    );
  }
  const kernel = shape.slice(2);
  const size = sizeOf(kernel);
  const middle = kernel.reduce((place, k) => place * k + Math.floor(k / 2), 0);
  const perGroup = shape[0] / groups;
  for (let group = 0; group < groups; group++) {
    for (let d = 0; d < Math.min(perGroup, shape[1]); d++)
      data[((group * perGroup + d) * shape[1] + d) * size + middle] = 1;
  }
}
