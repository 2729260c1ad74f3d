// Pictures from files, brought to the form that a model takes.
import { type ClassifierModel, type NdArray, openImage } from "../src/doors/neocog.ts";

/** Pictures as the model takes them, each as stored pixels [1, channels, height, width] of 0..255. */
export async function openPictures(
  images: readonly string[],
  { preprocessing }: Pick<ClassifierModel, "preprocessing">,
  resize: "cover" | "squash" | "refuse" | undefined,
  invert: boolean,
): Promise<NdArray[]> {
  const opened: NdArray[] = [];
  for (const file of images) {
    const picture = await openImage(file, { ...preprocessing, ...(resize ? { resize } : {}) });
    opened.push(invert ? { ...picture, data: picture.data.map((pixel) => 255 - pixel) } : picture);
  }
  return opened;
}
