// onnxruntime-node, if the user has it: a third opinion for `verify`. Looked for from the current folder, then beside neocog.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type NdArray, NeocogError, ndarray } from "../src/doors/neocog.ts";
import { fromFloat16, toFloat16 } from "../src/doors/onnx.ts";

/** What is used of it. */
interface Runtime {
  readonly Tensor: new (type: string, data: object, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{
      /** What each input is; older versions do not tell. */
      readonly inputMetadata?: readonly { readonly name: string; readonly type?: string }[];
      run(
        feeds: Readonly<Record<string, object>>,
      ): Promise<
        Readonly<
          Record<
            string,
            { readonly type: string; readonly data: ArrayLike<number | bigint>; readonly dims: readonly number[] }
          >
        >
      >;
      release(): Promise<void>;
    }>;
  };
}

/** Every output by name; undefined where the file computes in a type for which JavaScript has no numbers (float16). */
export type RunOnnx = (
  bytes: Uint8Array,
  inputName: string,
  input: NdArray,
) => Promise<ReadonlyMap<string, NdArray> | undefined>;

/** A function that runs ONNX files, or undefined where onnxruntime-node is not installed. */
export async function findOnnxRuntime(): Promise<RunOnnx | undefined> {
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    let file: string;
    try {
      file = createRequire(from).resolve("onnxruntime-node");
    } catch {
      continue;
    }
    const loaded = (await import(pathToFileURL(file).href)) as Runtime & { readonly default?: Runtime };
    return (bytes, name, input) => runOnnx(loaded.default ?? loaded, bytes, name, input);
  }
  return undefined;
}

/** The arrays in which onnxruntime takes each element type. */
const arrays: Readonly<Record<string, (data: ArrayLike<number>) => object>> = {
  float32: (data) => Float32Array.from(data),
  float64: (data) => Float64Array.from(data),
  int8: (data) => Int8Array.from(data),
  uint8: (data) => Uint8Array.from(data),
  int16: (data) => Int16Array.from(data),
  uint16: (data) => Uint16Array.from(data),
  int32: (data) => Int32Array.from(data),
  uint32: (data) => Uint32Array.from(data),
  int64: (data) => BigInt64Array.from(Array.from(data, BigInt)),
  uint64: (data) => BigUint64Array.from(Array.from(data, BigInt)),
  bool: (data) => Uint8Array.from(data),
  float16: (data) => Uint16Array.from(data, toFloat16),
};

/** float16 comes as its bits, unless this Node has an array of its own for it. */
const numbersOf = (type: string, data: ArrayLike<number | bigint>): Float64Array =>
  Float64Array.from(data, (value) =>
    type === "float16" && data instanceof Uint16Array ? fromFloat16(Number(value)) : Number(value),
  );

async function runOnnx(
  { Tensor, InferenceSession }: Runtime,
  bytes: Uint8Array,
  name: string,
  { shape, data, dtype }: NdArray,
): Promise<ReadonlyMap<string, NdArray> | undefined> {
  try {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const type = session.inputMetadata?.find((input) => input.name === name)?.type ?? dtype;
    if (!Object.hasOwn(arrays, type)) return undefined;
    const answers = await session.run({ [name]: new Tensor(type, arrays[type](data), shape) });
    await session.release();
    return new Map(
      Object.entries(answers).map(([key, value]) => [key, ndarray(value.dims, numbersOf(value.type, value.data))]),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NeocogError(`onnxruntime-node cannot run this network: ${reason.replace(/\.$/, "")}.`, { cause: error });
  }
}
