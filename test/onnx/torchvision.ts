// Runs exported torchvision networks (make_torchvision.py) and compares with PyTorch's answers.
//
//   python3 test/onnx/make_torchvision.py FOLDER && node dist/test/onnx/torchvision.js FOLDER [--engine reference|wasm] [name…]
//
// An answer agrees where its largest difference is at most 1e-4 of the largest value.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { NdArray } from "../../src/base/array.ts";
import { formatShape, sameShape } from "../../src/base/shape.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { wasmEngine } from "../../src/engines/wasm/run/engine.ts";
import { readNpy } from "../../src/io/npy.ts";
import { onnxGraph } from "../../src/io/onnx/import.ts";
import { readModel } from "../../src/io/onnx/model.ts";
import { openSession } from "../../src/run/session.ts";

export interface Comparison {
  readonly name: string;
  /** Largest difference over the largest value. */
  readonly difference: number;
  readonly seconds: number;
}

export function exported(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".onnx") && existsSync(join(folder, file.replace(".onnx", ".output.npy"))))
    .map((file) => file.slice(0, -".onnx".length))
    .sort();
}

const readArray = (path: string): NdArray => readNpy(readFileSync(path), path);

export async function compare(folder: string, name: string, engine: Engine): Promise<Comparison> {
  const start = performance.now();
  const x = readArray(join(folder, `${name}.input.npy`));
  const expected = readArray(join(folder, `${name}.output.npy`));
  const { inputs, outputs } = onnxGraph(readModel(readFileSync(join(folder, `${name}.onnx`))), {
    shapes: { input: x.shape },
  });
  const session = await openSession({ outputs, updates: [] }, engine, { frozen: true, inputs: Object.values(inputs) });
  const { output } = await session.run({ input: x });
  session.release();
  if (!sameShape(output.shape, expected.shape)) {
    throw new Error(`${name} gave ${formatShape(output.shape)} instead of ${formatShape(expected.shape)}.`);
  }
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.data.length; i++) {
    largest = Math.max(largest, Math.abs(expected.data[i]));
    difference = Math.max(difference, Math.abs(output.data[i] - expected.data[i]));
  }
  return { name, difference: difference / largest, seconds: (performance.now() - start) / 1000 };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: "string", default: "wasm" } },
  });
  const [folder, ...names] = positionals;
  const engine = values.engine === "reference" ? referenceEngine() : await wasmEngine();
  let failed = 0;
  for (const name of names.length > 0 ? names : exported(folder)) {
    try {
      const { difference, seconds } = await compare(folder, name, engine);
      const agrees = difference <= 1e-4;
      if (!agrees) failed++;
      console.log(
        `${agrees ? "agrees " : "DIFFERS"} ${name}: ${difference.toExponential(2)} of scale, ${seconds.toFixed(1)} s`,
      );
    } catch (error) {
      failed++;
      console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await engine.close();
  process.exitCode = failed > 0 ? 1 : 0;
}
