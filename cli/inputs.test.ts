// Files whose input is not what pictures usually become: other element types, channels last, no picture at all. A network of
// known weights tells from its answer which numbers it was fed.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { classScores, explain } from "../src/doors/explain.ts";
import { constantTensor, input, referenceEngine, type Tensor, verify, wasmEngine } from "../src/doors/graph.ts";
import {
  type DType,
  encodePng,
  evaluate,
  fileModel,
  ndarray,
  openImage,
  predict,
  prepare,
} from "../src/doors/neocog.ts";
import { exportOnnx, onnxSource, openOnnx } from "../src/doors/onnx.ts";
import { cast, conv2d, flatten, matmul, permute } from "../src/doors/ops.ts";
import { neocog } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-inputs-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** Red in the left half, blue in the right, 8 x 8. */
const pixels = ndarray(
  [3, 8, 8],
  Uint8Array.from({ length: 192 }, (_, i) => {
    const [c, x] = [Math.floor(i / 64), i % 8];
    return c === 0 && x < 4 ? 200 : c === 2 && x >= 4 ? 100 : 0;
  }),
  "uint8",
);

/** Two scores: the sums of the first and of the last channel, over 6,400. */
function scores(x: Tensor): Tensor {
  const weight = constantTensor(
    ndarray(
      [2, 3, 8, 8],
      Float32Array.from({ length: 384 }, (_, i) => {
        const [o, c] = [Math.floor(i / 192), Math.floor(i / 64) % 3];
        return (o === 0 && c === 0) || (o === 1 && c === 2) ? 1 / 6400 : 0;
      }),
    ),
  );
  return flatten(conv2d(x, weight));
}

const dtypes: readonly DType[] = ["uint8", "int32", "int64", "float32", "float64", "bool"];
const layouts = ["NCHW", "NHWC"] as const;

function network(dtype: DType, layout: (typeof layouts)[number]): Uint8Array {
  const x = input("pixels", layout === "NCHW" ? [1, 3, 8, 8] : [1, 8, 8, 3], dtype);
  const floats = cast(x, "float32");
  return exportOnnx({ scores: scores(layout === "NCHW" ? floats : permute(floats, [0, 3, 1, 2])) });
}

before(async () => {
  writeFileSync(at("halves.png"), await encodePng(pixels));
  writeFileSync(at("uint8-NCHW.onnx"), network("uint8", "NCHW"));
  writeFileSync(at("float32-NHWC.onnx"), network("float32", "NHWC"));
});

/** Of the larger of two scores. */
const share = (a: number, b: number): number => 1 / (1 + Math.exp(b - a));
const sums: Readonly<Record<string, readonly [number, number]>> = {
  // 32 places of 200 and 100.
  bytes: [(32 * 200) / 6400, (32 * 100) / 6400],
  unit: [(32 * 200) / 255 / 6400, (32 * 100) / 255 / 6400],
  bool: [32 / 6400, 0],
};

const zero = { mean: [0, 0, 0], std: [1, 1, 1] };
const isFloat = (dtype: DType): boolean => dtype.startsWith("float");
const expected = (dtype: DType): number => {
  const [a, b] = sums[isFloat(dtype) ? "unit" : dtype === "bool" ? "bool" : "bytes"];
  return share(a, b);
};

for (const dtype of dtypes) {
  for (const layout of layouts) {
    test(`a file that wants ${dtype}, ${layout}, is fed it by predict and explain, and engines agree on it`, async () => {
      const engine = referenceEngine();
      const source = onnxSource(await openOnnx(network(dtype, layout)));
      // What a float input wants is a guess; it is told here.
      const trained = fileModel(source, isFloat(dtype) ? { preprocessing: zero } : {});
      assert.deepEqual([trained.preprocessing.dtype, trained.preprocessing.layout], [dtype, layout]);
      const { name, probability } = await predict(trained, at("halves.png"), { engine });
      assert.equal(name, "0");
      assert.ok(Math.abs(probability - expected(dtype)) < 1e-5, `${probability} is not ${expected(dtype)}`);
      const [a, b] = (await classScores(trained, at("halves.png"), { engine })).data;
      assert.ok(Math.abs(share(a, b) - probability) < 1e-6);
      const { numbers } = await explain("saliency", trained, at("halves.png"), { engine, sanity: false });
      assert.ok(Math.abs(numbers.largest - 1 / 6400) < 1e-9, "the slope is the weight, also of whole numbers");
      const given = prepare(await openImage(at("halves.png"), trained.preprocessing), trained.preprocessing);
      const wasm = await wasmEngine({ threads: 1 });
      const { first } = await verify(trained, given, [wasm, engine]);
      await wasm.close();
      assert.equal(first, undefined);
    });
  }
}

for (const [dtype, layout] of [
  ["uint8", "NCHW"],
  ["float32", "NHWC"],
] as const) {
  test(`every command takes a file that wants ${dtype}, ${layout}`, async () => {
    const file = at(`${dtype}-${layout}.onnx`);
    const told = isFloat(dtype) ? ["--prepared", JSON.stringify(zero)] : [];
    const { stdout, stderr, code } = await neocog(["predict", file, at("halves.png"), ...told, "--json"]);
    assert.equal(code, 0, stderr);
    const [{ classes }] = (JSON.parse(stdout) as { predictions: { classes: { probability: number }[] }[] }).predictions;
    assert.ok(Math.abs(classes[0].probability - expected(dtype)) < 1e-5);
    if (!isFloat(dtype)) assert.match(stderr, /does not say how pictures become its input; taken as rgb, bytes/);
    const verified = await neocog(["verify", file, "--json"]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const given = ["--image", at("halves.png")];
    assert.equal((await neocog(["verify", file, ...given])).code, 0);
    const out = at(`why-${dtype}`);
    const explained = await neocog(["explain", file, given[1], ...told, "-m", "occlusion", "-o", out, "--json"]);
    assert.equal(explained.code, 0, explained.stderr);
    assert.equal((await neocog(["inspect", file, "--json"])).code, 0);
    const copy = at(`copy-${dtype}.onnx`);
    const converted = await neocog(["convert", file, copy, "--json"]);
    assert.equal(converted.code, 0, converted.stderr);
    assert.equal((JSON.parse(converted.stdout) as { difference: number }).difference, 0);
    const again = await neocog(["predict", copy, given[1], ...told, "--json"]);
    assert.deepEqual(JSON.parse(again.stdout) as object, { ...(JSON.parse(stdout) as object), model: copy });
  });
}

test("verify takes inputs that are no pictures, and predict says that it cannot", async () => {
  const x = input("features", [2, 10]);
  const weight = constantTensor(
    ndarray(
      [10, 3],
      Float32Array.from({ length: 30 }, (_, i) => i / 30),
    ),
  );
  writeFileSync(at("features.onnx"), exportOnnx({ y: matmul(x, weight) }));
  const verified = await neocog(["verify", at("features.onnx"), "--json"]);
  assert.equal(verified.code, 0, verified.stderr);
  assert.deepEqual((JSON.parse(verified.stdout) as { input: number[] }).input, [2, 10]);
  const refused = await neocog(["predict", at("features.onnx"), at("halves.png")]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /features\.onnx takes 2 x 10, which is no picture/);
});

test("a file's network answers in code as on the command line, and is evaluated", async () => {
  const engine = referenceEngine();
  const trained = fileModel(onnxSource(await openOnnx(network("uint8", "NHWC"))), { classes: ["red", "blue"] });
  assert.deepEqual(
    [trained.preprocessing.layout, trained.preprocessing.dtype, trained.preprocessing.range, trained.noted],
    ["NHWC", "uint8", 255, false],
  );
  const { name, probability } = await predict(trained, at("halves.png"), { engine });
  assert.equal(name, "red");
  assert.ok(Math.abs(probability - share(1, 0.5)) < 1e-6);
  const data = {
    name: "halves",
    images: ndarray([1, 3, 8, 8], pixels.data, "uint8"),
    labels: Int32Array.of(0),
    // The data lacks a class, and has the other under another place.
    classes: ["red"],
  };
  assert.equal((await evaluate(trained, data, { engine })).accuracy, 1);
  await assert.rejects(
    evaluate(trained, { ...data, classes: ["green"] }, { engine }),
    /green is not among the model's/,
  );
});
