import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { build, initialState } from "../src/doors/graph.ts";
import { createModel, encodePng, filled, saveModel, saveWeights } from "../src/doors/neocog.ts";
import { exportOnnx } from "../src/doors/onnx.ts";
import { isOneSentence, neocog } from "./testing.ts";

let folder = "";
const preprocessing = { channels: 1, height: 8, width: 8, mean: [0.3], std: [0.4] };
const classes = Array.from({ length: 10 }, (_, i) => `digit ${i}`);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "neocog-explain-"));
  const picture = filled([1, 8, 8], 0, "uint8");
  for (let y = 1; y < 7; y++) picture.data[8 * y + 4] = 255;
  await writeFile(join(folder, "one.png"), await encodePng(picture));
  const { layer } = createModel("digits");
  const built = build(layer, [1, 1, 8, 8], { seed: 3 });
  const weights = initialState(built.variables);
  await saveModel(join(folder, "model"), { model: layer, weights, classes, preprocessing });
  await saveWeights(join(folder, "digits.safetensors"), weights);
  const bytes = exportOnnx({ logits: built.output }, { state: weights, batch: "batch", classes, preprocessing });
  await writeFile(join(folder, "model.onnx"), bytes);
});
after(() => rm(folder, { recursive: true }));

interface Told {
  readonly untrained: boolean;
  readonly class: { readonly name: string };
  readonly methods: readonly {
    readonly method: string;
    readonly layer?: string;
    readonly numbers: Readonly<Record<string, number>>;
    readonly sanity: { readonly spearman: number; readonly ssim: number };
    readonly files: readonly string[];
  }[];
}

async function explained(given: readonly string[]): Promise<Told> {
  const { code, stdout, stderr } = await neocog(["explain", ...given, "--json", "--threads", "1"], { folder });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Told;
}

test("every method draws its pictures, large enough to be seen, and tells its numbers", async () => {
  const { code, stdout, stderr } = await neocog(["explain", "model", "one.png", "--threads", "1"], { folder });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^one\.png as digit \d, +\d/m);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  const files = await readdir(join(folder, "explained", "one"));
  for (const name of ["saliency", "smooth-grad", "integrated-gradients", "grad-cam", "guided-backprop", "occlusion"]) {
    assert.match(stdout, new RegExp(`^${name}\\.png +.* −?[01]\\.\\d\\d$`, "m"));
    for (const file of [`${name}.png`, `${name}-raw.png`]) {
      assert.ok(files.includes(file), file);
      const { width, height, channels } = await sharp(
        await readFile(join(folder, "explained", "one", file)),
      ).metadata();
      assert.deepEqual([width, height, channels], [256, 256, 3], file);
    }
  }
  for (const name of ["picture", "feature-maps", "filters", "activation-maximization"])
    assert.ok(files.includes(`${name}.png`), name);
});

test("a model folder, its ONNX file and its weights under the built-in name are one network", async () => {
  const wanted = ["--method", "integrated-gradients,grad-cam,saliency", "--class"];
  const one = await explained(["model", "one.png", ...wanted, "digit 3", "--out", "a"]);
  assert.equal(one.class.name, "digit 3");
  assert.deepEqual(
    one.methods.map(({ method }) => method),
    ["integrated-gradients", "grad-cam", "saliency"],
  );
  const file = await explained(["model.onnx", "one.png", ...wanted, "3", "--out", "b"]);
  one.methods.forEach(({ numbers }, i) => {
    for (const [name, value] of Object.entries(numbers))
      assert.ok(Math.abs(file.methods[i].numbers[name] - value) < 1e-4, `${name}: ${value}`);
  });
  const named = await explained(["digits", "one.png", "--weights", "digits.safetensors", "--out", "c"]);
  assert.equal(named.untrained, false);
});

test("an untrained network is explained too, and said to be untrained", async () => {
  const { stdout } = await neocog(["explain", "digits", "one.png", "-m", "filters", "--out", "d"], { folder });
  assert.match(stdout, /digits is untrained/);
});

test("what cannot be explained is told in one sentence", async () => {
  const slips: [string[], RegExp, number][] = [
    [["model", "none.png"], /none\.png/, 1],
    [["model", "one.png", "--method", "salience"], /--method knows no "salience"; did you mean saliency\?/, 2],
    [["model", "one.png", "--class", "digit 11"], /no class "digit 11"; did you mean "digit 1/, 2],
    [["model", "one.png", "--class", "10"], /no class "10"/, 2],
    [["model", "one.png", "--layer", "stage4"], /Unknown layer "stage4"; did you mean "stage\d"\?/, 1],
    [
      ["model", "one.png", "-m", "saliency", "--layer", "stage3"],
      /--layer has no effect on saliency; it is for grad-cam, feature-maps/,
      2,
    ],
    [["model", "one.png", "--weights", "digits.safetensors"], /a file is for built-in models/, 2],
    [["lenet", "one.png", "--weights", "digits.safetensors"], /missing: conv1\.weight.*unexpected: stage1/, 1],
    [["nowhere.onnx", "one.png"], /nowhere\.onnx/, 1],
    [["one.png.onnx", "one.png"], /one\.png\.onnx/, 1],
  ];
  await writeFile(join(folder, "one.png.onnx"), await readFile(join(folder, "one.png")));
  for (const [given, sentence, expected] of slips) {
    const { code, stdout, stderr } = await neocog(["explain", ...given], { folder });
    assert.deepEqual([code, stdout], [expected, ""], `${given.join(" ")}: ${stderr}`);
    assert.match(stderr, sentence);
    assert.ok(isOneSentence(stderr), stderr);
  }
});

test("predict and inspect take ONNX files and weights", async () => {
  const asked = ["one.png", "--json", "--threads", "1"];
  const answers = await Promise.all(
    [["model"], ["model.onnx"]].map(async ([model]) => {
      const { code, stdout, stderr } = await neocog(["predict", model, ...asked], { folder });
      assert.equal(code, 0, stderr);
      return (JSON.parse(stdout) as { predictions: { classes: { name: string; probability: number }[] }[] })
        .predictions;
    }),
  );
  answers[0][0].classes.forEach(({ name, probability }, i) => {
    assert.equal(answers[1][0].classes[i].name, name);
    assert.ok(Math.abs(answers[1][0].classes[i].probability - probability) < 1e-5);
  });
  const { stdout } = await neocog(["inspect", "model.onnx", "--json"], { folder });
  const found = JSON.parse(stdout) as { parameters: number; macs: number };
  const built = JSON.parse((await neocog(["inspect", "digits", "--json"])).stdout) as typeof found;
  assert.deepEqual([found.parameters, found.macs], [built.parameters, built.macs]);
});
