// The run that is killed and the one that is not are the same, whatever it is run with.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Adam,
  type ClassSet,
  encodePng,
  type FitOptions,
  type Layer,
  ndarray,
  openData,
  Random,
  type Split,
} from "../src/doors/neocog.ts";
import { tinyNetwork } from "../src/train/testing.ts";

const side = 6;

/** One life of a training: with how many threads, how its pictures come, and where it ends, if not by its own end. */
export interface Life {
  readonly pictures: string;
  readonly out: string;
  readonly epochs: number;
  readonly threads: number;
  readonly stream: true | false;
  readonly workers: number;
  /** Checkpoints inside an epoch. */
  readonly steps: number;
  /** The operation on files, counted from the first batch on, that is the last: half done where it writes. */
  readonly operation?: number;
}

/** Pictures of noise with a bar, lying or standing. */
export async function writePictures(folder: string): Promise<void> {
  const random = new Random(1, "kills/pictures");
  for (const [standing, name] of ["lying", "standing"].entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < 35; i++) {
      const place = random.below(side);
      const pixels = Uint8Array.from({ length: side * side }, (_, p) => {
        const at = standing === 1 ? p % side : Math.floor(p / side);
        return random.below(90) + (at === place ? 160 : 0);
      });
      writeFileSync(join(folder, name, `${i}.png`), await encodePng(ndarray([side, side], pixels, "uint8")));
    }
  }
}

export function killedData({ pictures, stream, workers }: Life): Promise<Split<ClassSet>> {
  const parts = { testFraction: 0, validationFraction: 0.2 };
  return stream ? openData(pictures, { ...parts, stream, workers }) : openData(pictures, parts);
}

export const killedModel = (): Layer => tinyNetwork(2);

/** Six batches an epoch, of which the last is not full. */
export const killedOptions = (epochs: number): FitOptions => ({
  ...{ epochs, batch: 10, seed: 3, optimizer: Adam({ lr: 0.01 }), average: 0.9, schedule: { kind: "cosine" } },
  augment: [{ kind: "shift", pixels: 1 }],
});
