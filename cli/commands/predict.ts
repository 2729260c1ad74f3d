// `neocog predict runs/digits 7.png`: what a trained model takes pictures for.
import { type NdArray, NeocogError, ndarray, openImage, predict, type TrainedModel } from "../../src/index.ts";
import { drawBar } from "../bar.ts";
import { choice, command, flag, whole } from "../command.ts";
import type { Context } from "../context.ts";
import { engineOptions, withEngine } from "../engine.ts";
import { openTrained } from "../model.ts";
import { percent } from "../numbers.ts";

interface Prediction {
  readonly file: string;
  readonly classes: readonly { readonly name: string; readonly probability: number }[];
}

export const predictCommand = command({
  name: "predict",
  group: "Train and use",
  summary: "What a trained model takes pictures for",
  arguments: [
    { name: "<model>", about: "a model folder that train wrote" },
    { name: "<image...>", about: "pictures: PNG, JPEG, WebP, …" },
  ],
  options: {
    top: whole("-n, --top <n>", "classes to name for each picture, 3 unless told"),
    resize: choice("--resize <how>", "bring pictures of another size to the model's; without, they are refused", [
      "cover",
      "squash",
    ]),
    invert: flag(
      "--invert",
      "turn dark into bright first: for dark ink on white paper, where the model knows white on black",
    ),
    ...engineOptions,
  },
  examples: [
    ["runs/digits seven.png", "the three likeliest classes"],
    ["runs/digits scan.jpg --resize cover --invert", "a photo of a digit on paper"],
    ["runs/pets *.jpg --top 1 --json", "many at once, for a program"],
  ],
  async run([folder, ...images], { top = 3, resize, invert = false, engine, threads }, context) {
    const trained = await openTrained(folder);
    const pictures = await openPictures(images, trained, resize, invert);
    const probabilities = await withEngine({ engine, threads }, (opened) =>
      predict(trained, pictures, { engine: opened }),
    );
    const predictions = images.map((file, i) => likeliest(file, probabilities, i, trained.classes, top));
    return {
      json: { model: folder, predictions },
      text: () => predictions.map((one) => report(one, context)).join("\n\n"),
    };
  },
});

async function openPictures(
  images: readonly string[],
  { preprocessing }: TrainedModel,
  resize: "cover" | "squash" | undefined,
  invert: boolean,
): Promise<NdArray> {
  const { channels, height, width } = preprocessing;
  const size = channels * height * width;
  const data = new Uint8Array(images.length * size);
  for (const [i, file] of images.entries()) {
    const form = { channels, height, width, ...(resize ? { resize } : {}) };
    const picture = await openImage(file, form).catch((error: unknown) => {
      // The library names its option; here it has dashes.
      if (!resize && error instanceof NeocogError && error.message.includes("resize it with"))
        throw new NeocogError(
          error.message.replace(/; resize it with.*$/, "; add --resize cover (crops) or --resize squash (stretches)."),
        );
      throw error;
    });
    data.set(picture.data, i * size);
  }
  if (invert) for (let i = 0; i < data.length; i++) data[i] = 255 - data[i];
  return ndarray([images.length, channels, height, width], data, "uint8");
}

function likeliest(
  file: string,
  { data }: NdArray,
  place: number,
  classes: readonly string[],
  top: number,
): Prediction {
  const all = classes.map((name, c) => ({ name, probability: data[place * classes.length + c] }));
  return { file, classes: all.sort((a, b) => b.probability - a.probability).slice(0, top) };
}

function report({ file, classes }: Prediction, context: Context): string {
  const first = Math.max(...classes.map(({ name }) => name.length));
  const lines = classes.map(({ name, probability }, place) => {
    const shown = name.padEnd(first);
    return `  ${place === 0 ? context.paint.title(shown) : shown}  ${percent(probability, 1).padStart(7)}  ${drawBar(probability, 20, context)}`;
  });
  return [file, ...lines].join("\n");
}
