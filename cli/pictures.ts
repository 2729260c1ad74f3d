// Pictures from files, brought to the form that a model takes.
import { type ClassifierModel, type NdArray, ndarray, openImage } from "../src/index.ts";
import { choice, flag, type OptionCard } from "./command.ts";

export const resizeOption = choice(
  "--resize <how>",
  "bring pictures to size in another way than the model was trained with",
  ["cover", "squash", "refuse"],
);

export const invertOption: OptionCard<boolean> = flag(
  "--invert",
  "turn dark into bright first: for dark ink on white paper, where the model knows white on black",
);

/** Pictures as the model takes them, stored pixels [count, channels, height, width] of 0..255. */
export async function openPictures(
  images: readonly string[],
  { preprocessing }: Pick<ClassifierModel, "preprocessing">,
  resize: "cover" | "squash" | "refuse" | undefined,
  invert: boolean,
): Promise<NdArray> {
  const { channels, height, width } = preprocessing;
  const size = channels * height * width;
  const data = new Uint8Array(images.length * size);
  for (const [i, file] of images.entries()) {
    data.set((await openImage(file, { ...preprocessing, ...(resize ? { resize } : {}) })).data, i * size);
  }
  if (invert) for (let i = 0; i < data.length; i++) data[i] = 255 - data[i];
  return ndarray([images.length, channels, height, width], data, "uint8");
}
