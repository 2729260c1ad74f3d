// What the pages and the help speak of, made on the spot: photos/, new-photos/, dog.jpg, seven.png, scan.jpg, resnet18.safetensors, model.onnx,
// TensorFlow.js's model.json, cells/ with masks, cell.jpg, and the models runs/digits, runs/pets and runs/cells that earlier commands leave behind.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { initialState } from "../../src/doors/graph.ts";
import { createModel, encodePng, ndarray, openData, saveWeights } from "../../src/doors/neocog.ts";
import { build } from "../../src/nn/build.ts";
import { project, shell } from "./project.ts";

const tfjs = fileURLToPath(new URL("../../../test/fixtures/tfjs/", import.meta.url));

let made: Promise<string> | undefined;

/** A folder with all of it; what is run works on copies (`workplace`). */
export function fixtures(): Promise<string> {
  made ??= make(join(project(), `fixtures-${process.pid}`));
  return made;
}

let places = 0;

/** A copy of the fixtures for one command or page; files are linked, for whoever writes puts a new file in place. */
export async function workplace(): Promise<string> {
  const place = join(project(), "work", `${process.pid}-${++places}`);
  mkdirSync(place, { recursive: true });
  demand(`cp -al '${await fixtures()}'/. '${place}'`, project());
  return place;
}

export const leave = (place: string): void => rmSync(place, { recursive: true, force: true });

function demand(line: string, cwd: string): void {
  const { code, stdout, stderr } = shell(line, cwd);
  if (code !== 0) throw new Error(`${line}\n${stdout}${stderr}`);
}

async function make(folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const at = (...parts: string[]): string => join(folder, ...parts);
  await photos(at("photos"));
  await photos(at("new-photos"), 4);
  await photo(at("dog.jpg"), 320, 240, "#a67843", "#3d7a35");
  await seven(at("seven.png"), at("scan.jpg"));
  const { layer, inputShape } = createModel("resnet18");
  await saveWeights(at("resnet18.safetensors"), initialState(build(layer, [1, ...inputShape]).variables));
  cpSync(join(tfjs, "sequential"), folder, { recursive: true });
  cpSync(join(tfjs, "sequential"), at("model"), { recursive: true });
  demand("neocog convert resnet18.safetensors model.onnx --model resnet18", folder);
  demand("neocog train digits --epochs 2", folder);
  demand("neocog train photos/ --epochs 2 --out runs/pets", folder);
  await cells(at("cells"));
  cpSync(at("cells", "images", "0.png"), at("cell.jpg"));
  demand("neocog train cells/ --task segmentation --epochs 1", folder);
  return folder;
}

/** A disc on a ground of other colours. */
async function photo(path: string, width: number, height: number, ground: string, disc: string): Promise<void> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${ground}"/><circle cx="50%" cy="45%" r="${height / 4}" fill="${disc}"/></svg>`;
  await sharp(Buffer.from(svg)).jpeg().toFile(path);
}

async function photos(folder: string, count = 12): Promise<void> {
  for (const [name, disc] of [
    ["cats", "#c9463d"],
    ["dogs", "#2f6fb3"],
  ]) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < count; i++)
      await photo(join(folder, name, `${i}.jpg`), 90 + 10 * i, 120, `hsl(${i * 30} 40% 80%)`, disc);
  }
}

/** Pictures of a bright disc, and where it is. */
async function cells(folder: string): Promise<void> {
  const inside = (p: number, i: number): number => Number(Math.hypot((p % 32) - 16, (p >> 5) - 10 - i) < 7);
  for (const name of ["images", "masks"]) mkdirSync(join(folder, name), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const mask = Uint8Array.from({ length: 32 * 32 }, (_, p) => inside(p, i));
    const picture = mask.map((one, p) => 60 + 120 * one + ((p * 7919) % 50));
    for (const [name, pixels] of Object.entries({ images: picture, masks: mask }))
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 1 } })
        .toColourspace("b-w")
        .png()
        .toFile(join(folder, name, `${i}.png`));
  }
}

/** A seven of the test digits, and the same in ink on a large sheet of paper. */
async function seven(digit: string, scan: string): Promise<void> {
  const { test } = await openData("digits");
  const place = test.labels.indexOf(7);
  const pixels = test.images.data.subarray(place * 64, (place + 1) * 64);
  const bytes = await encodePng(ndarray([8, 8], Float32Array.from(pixels)));
  writeFileSync(digit, bytes);
  await sharp(bytes).resize(200, 240, { fit: "fill" }).negate().jpeg().toFile(scan);
}
