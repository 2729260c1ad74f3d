// A page that trains and answers by itself, without a server behind it: in a project of Vite this is the page's script, as it is.
import { Conv2d, Flatten, fit, Linear, MaxPool2d, openData, predict, ReLU, Sequential } from "neocog";

const status = document.body.appendChild(document.createElement("p"));
const { train, test } = await openData("digits");
const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);

for await (const event of fit(model, { train }, { epochs: 6, batch: 32, seed: 1 })) {
  if (event.kind === "epoch") status.textContent = `epoch ${event.epoch}: loss ${event.train.loss.toFixed(3)}`;
  if (event.kind !== "finished") continue;

  // Ten digits that it has never seen, each drawn on a canvas. predict takes the canvas, as it takes an image, a video or a file.
  let right = 0;
  for (let i = 0; i < 10; i++) {
    const canvas = draw(test.images.data.subarray(64 * i, 64 * (i + 1)));
    const { name, probability } = await predict(event.trained, canvas);
    const answer = `${name} (${Math.round(100 * probability)} %)`;
    document.body.append(canvas, ` ${answer} `);
    if (name === test.classes[test.labels[i]]) right++;
  }
  status.textContent = `${right} of 10 right`;
}

/** The gray pixels, 0 to 1, of an 8 x 8 picture on a canvas. */
function draw(pixels: ArrayLike<number>): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 8;
  const rgba = Uint8ClampedArray.from(
    Array.from(pixels).flatMap((gray) => [gray, gray, gray, 1]),
    (part) => 255 * part,
  );
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, 8, 8), 0, 0);
  return canvas;
}
