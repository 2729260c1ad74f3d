// A family's pictures as files in a folder, one sub-folder a class, PNG and JPEG by turns.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { type Family, picture } from "./families.ts";

/** Draws `count` pictures of each class (or as many as are told for each) into sub-folders. */
export async function drawFolder(
  folder: string,
  family: Family,
  count: number | readonly number[],
  seed: number,
): Promise<void> {
  for (const [label, name] of family.classes.entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    const pictures = typeof count === "number" ? count : count[label];
    for (let i = 0; i < pictures; i++) {
      const drawn = sharp(Buffer.from(picture(family, name, seed, i)));
      const toned = family.gray ? drawn.flatten().grayscale() : drawn.flatten();
      const file = join(folder, name, String(i).padStart(4, "0"));
      await (i % 2 ? toned.jpeg({ quality: 85 }).toFile(`${file}.jpg`) : toned.png().toFile(`${file}.png`));
    }
  }
}
