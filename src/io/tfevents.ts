// Event files as TensorBoard reads them: records in TFRecord's frame (length and data, each with a masked CRC-32C), each record an
// Event of protocol buffers. Field numbers are those of tensorflow/core/util/event.proto and framework/summary.proto.
import { type Schema, writeMessage } from "./onnx/wire.ts";

/** What a record tells. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  /** Of the first record of a file. */
  readonly fileVersion?: string;
  readonly values?: readonly SummaryValue[];
  /** A run goes on from a step: what was told of later ones counts no more. */
  readonly restart?: boolean;
}

/** One number, a text, or how numbers are spread. */
export type SummaryValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly text: string }
  | { readonly tag: string; readonly histogram: Histogram };

export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Upper ends of the buckets, and how many numbers lie in each. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

const plugin: Schema = {
  name: "PluginData",
  fields: { 1: { name: "pluginName", type: "string" } },
};
const metadata: Schema = { name: "SummaryMetadata", fields: { 1: { name: "pluginData", type: () => plugin } } };
const dimension: Schema = { name: "Dim", fields: { 1: { name: "size", type: "int" } } };
const shape: Schema = {
  name: "TensorShapeProto",
  fields: { 2: { name: "dim", type: () => dimension, repeated: "list" } },
};
const tensor: Schema = {
  name: "TensorProto",
  fields: {
    1: { name: "dtype", type: "int" },
    2: { name: "tensorShape", type: () => shape },
    8: { name: "stringVal", type: "bytes", repeated: "list" },
  },
};
const histogram: Schema = {
  name: "HistogramProto",
  fields: {
    1: { name: "min", type: "double" },
    2: { name: "max", type: "double" },
    3: { name: "count", type: "double" },
    4: { name: "sum", type: "double" },
    5: { name: "sumOfSquares", type: "double" },
    6: { name: "limits", type: "double", repeated: "packed" },
    7: { name: "counts", type: "double", repeated: "packed" },
  },
};
const value: Schema = {
  name: "Value",
  fields: {
    1: { name: "tag", type: "string" },
    2: { name: "scalar", type: "float" },
    5: { name: "histogram", type: () => histogram },
    8: { name: "tensor", type: () => tensor },
    9: { name: "metadata", type: () => metadata },
  },
};
const summary: Schema = { name: "Summary", fields: { 1: { name: "value", type: () => value, repeated: "list" } } };
const session: Schema = { name: "SessionLog", fields: { 1: { name: "status", type: "int" } } };
const event: Schema = {
  name: "Event",
  fields: {
    1: { name: "wallTime", type: "double" },
    2: { name: "step", type: "int" },
    3: { name: "fileVersion", type: "string" },
    5: { name: "summary", type: () => summary },
    7: { name: "session", type: () => session },
  },
};

/** DT_STRING, and SessionLog.START. */
const [stringType, start] = [7, 1];

/** The bytes of a record. */
export function eventRecord({ values, restart, ...rest }: TensorBoardEvent): Uint8Array {
  const message = {
    ...rest,
    ...(values ? { summary: { value: values.map(valueMessage) } } : {}),
    ...(restart ? { session: { status: start } } : {}),
  };
  return framed(writeMessage(message, event));
}

function valueMessage(one: SummaryValue): object {
  if (!("text" in one)) return one;
  const { tag, text } = one;
  return {
    tag,
    metadata: { pluginData: { pluginName: "text" } },
    tensor: { dtype: stringType, tensorShape: { dim: [{ size: 1 }] }, stringVal: [new TextEncoder().encode(text)] },
  };
}

function framed(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return record;
}

/** Turned and moved, so that a checksum of data with checksums in it is no weaker. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest >>> 0;
});

/** CRC-32 by Castagnoli's polynomial. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** How numbers are spread over buckets of equal width. */
export function histogramOf(numbers: ArrayLike<number>, buckets = 30): Histogram {
  let [min, max, sum, sumOfSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i];
    min = Math.min(min, number);
    max = Math.max(max, number);
    sum += number;
    sumOfSquares += number * number;
  }
  const width = (max - min) / buckets;
  const counts = new Array<number>(buckets).fill(0);
  for (let i = 0; i < numbers.length; i++)
    counts[width > 0 ? Math.min(buckets - 1, Math.floor((numbers[i] - min) / width)) : 0]++;
  const limits = counts.map((_, i) => (i === buckets - 1 ? max : min + (i + 1) * width));
  return { min, max, count: numbers.length, sum, sumOfSquares, limits, counts };
}
