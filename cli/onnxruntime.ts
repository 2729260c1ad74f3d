// onnxruntime-node, if the user has it: a third opinion for `verify`. Looked for from the current folder, then beside neocog.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type NdArray, NeocogError, ndarray } from "../src/index.ts";

/** What is used of it. */
interface Runtime {
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{
      run(
        feeds: Readonly<Record<string, object>>,
      ): Promise<
        Readonly<Record<string, { readonly data: ArrayLike<number | bigint>; readonly dims: readonly number[] }>>
      >;
      release(): Promise<void>;
    }>;
  };
}

export type RunOnnx = (bytes: Uint8Array, inputName: string, input: NdArray) => Promise<ReadonlyMap<string, NdArray>>;

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

async function runOnnx(
  { Tensor, InferenceSession }: Runtime,
  bytes: Uint8Array,
  name: string,
  { shape, data }: NdArray,
): Promise<ReadonlyMap<string, NdArray>> {
  try {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const answers = await session.run({ [name]: new Tensor("float32", Float32Array.from(data), shape) });
    await session.release();
    return new Map(
      Object.entries(answers).map(([key, value]) => [key, ndarray(value.dims, Float64Array.from(value.data, Number))]),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NeocogError(`onnxruntime-node cannot run this network: ${reason.replace(/\.$/, "")}.`, { cause: error });
  }
}
