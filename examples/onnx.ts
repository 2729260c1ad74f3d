// A network from an ONNX file, such as PyTorch writes: look at it, let it classify pictures, go on with its weights.
// Give the path of a file; without one, a small network is trained and exported first, so that there is one to read.
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Conv2d, evaluate, Flatten, fileModel, fit, Linear, openData, ReLU, Sequential } from "neocog";
import { summary } from "neocog/analyze";
import { build } from "neocog/graph";
import { exportOnnx, onnxSource, openOnnx } from "neocog/onnx";

const { train, test } = await openData("digits");
const path = process.argv[2] ?? (await someFile());

const file = fileModel(onnxSource(await openOnnx(await readFile(path))));
const { channels, height, width } = file.preprocessing;
for (const { path: node, output, parameters } of summary(file.model.build([1, channels, height, width])).rows)
  console.log(node.padEnd(24), `${output}`.padEnd(12), parameters);
console.log(`test accuracy ${(100 * (await evaluate(file, test)).accuracy).toFixed(1)} %`);

async function someFile(): Promise<string> {
  const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), Conv2d(16, 3), ReLU(), Flatten(), Linear(10)]);
  const place = join(await mkdtemp(join(tmpdir(), "neocog-")), "digits.onnx");
  for await (const event of fit(model, { train }, { epochs: 5, batch: 32, seed: 1 })) {
    if (event.kind !== "finished") continue;
    const { weights: state, classes, preprocessing } = event.trained;
    const { output } = build(model, [1, 1, 8, 8]);
    await writeFile(place, exportOnnx({ logits: output }, { state, classes, preprocessing }));
  }
  return place;
}
