// Pictures from files, brought to the form that a model takes.
import { type ClassifierModel, type NdArray, NeocogError, ndarray, openImage } from "../src/index.ts";
import { choice, flag, type OptionCard } from "./command.ts";

export const resizeOption = choice(
  "--resize <how>",
  "bring pictures of another size to the model's; without, they are refused",
  ["cover", "squash"],
);

export const invertOption: OptionCard<boolean> = flag(
  "--invert",
  "turn dark into bright first: for dark ink on white paper, where the model knows white on black",
);

/** Pictures as the model takes them, uint8 [count, channels, height, width]. */
export async function openPictures(
  images: readonly string[],
  { preprocessing }: Pick<ClassifierModel, "preprocessing">,
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
