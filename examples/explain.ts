// Why does it say so? What each pixel adds to the score of the answer, drawn as a picture; and whether that drawing depends on
// what the network has learned, or would look the same with shuffled weights.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Conv2d, encodePng, Flatten, fit, Linear, ndarray, openData, ReLU, Sequential } from "neocog";
import { drawMap, explain, legible } from "neocog/explain";

const { train, test } = await openData("digits");
const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), Conv2d(16, 3), ReLU(), Flatten(), Linear(10)]);
const folder = await mkdtemp(join(tmpdir(), "neocog-"));

for await (const event of fit(model, { train, test }, { epochs: 5, batch: 32, seed: 1 })) {
  if (event.kind !== "finished") continue;
  const { trained } = event;
  const picture = ndarray([1, 8, 8], test.images.data.slice(0, 64), test.images.dtype);
  const found = await explain("integratedGradients", trained, picture);
  const { drawing, numbers, sanity } = found;
  console.log(`it says ${trained.classes[found.target]}, and it is ${test.classes[test.labels[0]]}`, numbers);

  const file = join(folder, "why.png");
  await writeFile(file, await encodePng(legible(drawMap(drawing.array, drawing.signed))));
  console.log(`red pixels speak for it, blue ones against it: ${file}`);
  console.log(
    `likeness to the drawing of shuffled weights (0 is good): ${sanity?.spearman?.toFixed(2) ?? sanity?.reason}`,
  );
}
