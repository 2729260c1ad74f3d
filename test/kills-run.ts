// The run that is killed and the one that is not are the same.
import type { FitOptions, Layer } from "../src/doors/neocog.ts";
import { Adam } from "../src/doors/neocog.ts";
import { bars, tinyNetwork } from "../src/train/testing.ts";

export const killedData = { train: bars(40, 1), validation: bars(20, 2) };

export const killedModel = (): Layer => tinyNetwork();

export const killedOptions = (epochs: number): FitOptions => ({
  ...{ epochs, batch: 20, seed: 3, optimizer: Adam({ lr: 0.01 }), average: 0.9, schedule: { kind: "cosine" } },
});
