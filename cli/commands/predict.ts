// `neocog predict runs/digits 7.png`: what a trained model takes pictures for.
import { type ClassProbability, predict } from "../../src/index.ts";
import { drawBar } from "../bar.ts";
import { command, whole } from "../command.ts";
import type { Context } from "../context.ts";
import { visible } from "../door.ts";
import { engineOptions, withEngine } from "../engine.ts";
import { classNamesOption, openPictureModel, sourceOptions } from "../model.ts";
import { percent } from "../numbers.ts";
import { invertOption, openPictures, resizeOption } from "../pictures.ts";

interface Prediction {
  readonly file: string;
  readonly classes: readonly ClassProbability[];
}

export const predictCommand = command({
  name: "predict",
  group: "Train and use",
  summary: "What a trained model takes pictures for",
  arguments: [
    {
      name: "<model>",
      about:
        "a model folder that train wrote, an ONNX file, a TensorFlow.js model.json, or a built-in name with --weights",
    },
    { name: "<image...>", about: "pictures: PNG, JPEG, WebP, …" },
  ],
  options: {
    top: whole("-n, --top <n>", "classes to name for each picture, 3 unless told"),
    ...sourceOptions,
    classNames: classNamesOption,
    resize: resizeOption,
    invert: invertOption,
    ...engineOptions,
  },
  examples: [
    ["runs/digits seven.png", "the three likeliest classes"],
    ["runs/digits scan.jpg --invert", "a photo of a digit on paper"],
    ["resnet18 dog.jpg --weights resnet18.safetensors", "a network of PyTorch"],
    ["model.onnx dog.jpg --input 3x224x224", "a network from a file"],
    ["runs/pets *.jpg --top 1 --json", "many at once, for a program"],
  ],
  async run([name, ...images], { top = 3, resize, invert = false, engine, threads, wide, ...form }, context) {
    const trained = await openPictureModel(name, form, context);
    const pictures = await openPictures(images, trained, resize, invert);
    const shown = { ...trained, preprocessing: { ...trained.preprocessing, crop: 1 } };
    const found = await withEngine({ engine, threads, wide }, context, (opened) =>
      predict(shown, pictures, { engine: opened, top }),
    );
    const predictions = images.map((file, i) => ({ file, classes: found[i].classes }));
    return {
      json: { model: name, predictions },
      lines: () => predictions.flatMap((one, i) => [...(i > 0 ? [""] : []), ...report(one, context)]),
    };
  },
});

function report({ file, classes }: Prediction, context: Context): string[] {
  const first = Math.max(...classes.map(({ name }) => visible(name).length));
  const lines = classes.map(({ name, probability }, place) => {
    const shown = visible(name).padEnd(first);
    return `  ${place === 0 ? context.paint.title(shown) : shown}  ${percent(probability, 1).padStart(7)}  ${drawBar(probability, 20, context)}`;
  });
  return [file, ...lines];
}
