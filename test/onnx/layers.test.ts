// An export means what the model means: every layer with several options, its batch fixed and open, is exported, checked by
// onnx's own checker, run by onnxruntime-node, read back, and each answer is held against the model's.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findOnnxRuntime } from "../../cli/onnxruntime.ts";
import { type NdArray, ndarray } from "../../src/base/array.ts";
import { Random } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { exportOnnx } from "../../src/io/onnx/export.ts";
import { onnxGraph } from "../../src/io/onnx/import.ts";
import { readModel } from "../../src/io/onnx/model.ts";
import { type BuiltModel, build } from "../../src/nn/build.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { layerTypes } from "../../src/nn/layers/list.ts";
import { variableOf } from "../../src/nn/state.ts";
import { openSession, type State } from "../../src/run/session.ts";
import { find, missingInPython } from "../outside.ts";
import { layerRows } from "./layers.ts";

const random = new Random(11, "layers");
const numbers = (shape: Shape, positive = false): NdArray =>
  ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (positive ? 0.5 + random.uniform() : random.normal())),
  );

interface Exported {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly input: NdArray;
  readonly answer: NdArray;
}

function stateOf({ variables }: BuiltModel): State {
  return new Map(
    variables.map((tensor) => {
      const { name } = variableOf(tensor);
      return [name, numbers(tensor.shape, name.endsWith("var"))];
    }),
  );
}

async function answerOf(
  { input, output }: Pick<BuiltModel, "input" | "output">,
  x: NdArray,
  state: State,
): Promise<NdArray> {
  const session = await openSession({ outputs: { y: output }, updates: [] }, referenceEngine(), {
    state,
    inputs: [input],
  });
  const { y } = await session.run({ input: x });
  session.release();
  return y;
}

/** A fixed batch of two; an open one is built for one picture and used for three. */
async function exported(layer: Layer, shape: Shape, open: boolean): Promise<Exported> {
  const written = build(layer, [open ? 1 : 2, ...shape]);
  const state = stateOf(written);
  const bytes = exportOnnx({ y: written.output }, { state, ...(open ? { batch: "batch" } : {}) });
  const input = numbers([open ? 3 : 2, ...shape]);
  const options = JSON.stringify(layer.options);
  return {
    title: `${layer.type.name} ${options} on [${shape.join(", ")}], batch ${open ? "open" : "fixed"}`,
    bytes,
    input,
    answer: await answerOf(build(layer, input.shape), input, state),
  };
}

const files: Exported[] = [];

/** The largest difference as a share of the largest number. */
function agrees(found: NdArray | undefined, wanted: NdArray, tolerance: number, who: string): void {
  assert.ok(found, `${who} gives no answer`);
  assert.deepEqual([...found.shape], [...wanted.shape], who);
  const scale = Math.max(1e-3, ...Array.from(wanted.data, Math.abs));
  wanted.data.forEach((value: number, i: number) => {
    const apart = Math.abs(found.data[i] - value) / scale;
    assert.ok(apart <= tolerance, `${who} gives ${found.data[i]} at ${i}, the model ${value}`);
  });
}

test("every layer of the list has rows", () => {
  const types = new Set<string>();
  const visit = ({ type, children }: Layer): void => {
    types.add(type.name);
    for (const { layer } of children) visit(layer);
  };
  for (const { layer } of layerRows) visit(layer);
  assert.deepEqual(
    layerTypes.map(({ name }) => name).filter((name) => !types.has(name)),
    [],
  );
});

for (const { name } of layerTypes) {
  const own = layerRows.filter(({ layer }) => layer.type.name === name);
  test(`${name} means the same when it is read back`, async () => {
    for (const { layer, shape } of own) {
      for (const open of [false, true]) {
        const one = await exported(layer, shape, open).catch((error: Error) => {
          throw new Error(`${JSON.stringify(layer.options)} on ${shape}, open ${open}: ${error.message}`, {
            cause: error,
          });
        });
        files.push(one);
        const graph = onnxGraph(readModel(one.bytes), { sizes: { batch: 3 } });
        const back = { input: graph.inputs.input, output: graph.outputs.y };
        agrees(await answerOf(back, one.input, new Map()), one.answer, 1e-6, one.title);
      }
    }
  });
}

const runtime = await findOnnxRuntime();

test("onnxruntime-node gives the model's answers", {
  skip: runtime ? false : "onnxruntime-node is not installed",
}, async () => {
  const failures: string[] = [];
  for (const { title, bytes, input, answer } of files) {
    try {
      agrees((await runtime!(bytes, "input", input))?.get("y"), answer, 1e-5, title);
    } catch (error) {
      failures.push(`${title}: ${(error as Error).message}`);
    }
  }
  assert.deepEqual(failures, []);
});

test("onnx's own checker finds nothing wrong", { skip: missingInPython("onnx") }, () => {
  const folder = mkdtempSync(join(tmpdir(), "neocog-layers-"));
  try {
    files.forEach(({ bytes }, i) => {
      writeFileSync(join(folder, `${String(i).padStart(4, "0")}.onnx`), bytes);
    });
    const program = `
import glob, onnx, sys
paths = sorted(glob.glob(sys.argv[1] + "/*.onnx"))
for i, path in enumerate(paths):
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    except Exception as error:
        print(i, error)
print("checked", len(paths))`;
    const { stdout, stderr } = spawnSync(find("python")!, ["-c", program, folder], { encoding: "utf8" });
    const told = stdout.trim().replace(/^(\d+) /gm, (_, i: string) => `${files[Number(i)].title}: `);
    assert.equal(told, `checked ${files.length}`, stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
