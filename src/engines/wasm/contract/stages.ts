// The phase that stages all planes of an input into the buffer `staged`.

import { buffer, input, type Phase, type PhaseFunction, type Place } from "../strategy.ts";
import { emitStaging, type Staging } from "./staging.ts";
import { keep, plus, times } from "./walk.ts";

const staged = buffer("staged");

/** Nanoseconds of staging an element. */
export const stagingTime = 0.3;

export function stagePhase(staging: Staging, target: Place = staged): Omit<Phase, "emit"> {
  const { planes, planeSize } = staging;
  return {
    name: "stage",
    items: planes,
    work: planes * planeSize * stagingTime,
    reads: [input(staging.input)],
    writes: [target],
  };
}

export function emitStages(k: PhaseFunction, staging: Staging, buffers: Place = staged): void {
  const { f } = k;
  const plane = f.local("i32");
  const sourceSize = staging.source.reduce((a, b) => a * b, 1);
  f.forRange(plane, k.from, k.to, 1, () => {
    const source = keep(f, plus(k.address(input(staging.input)), times(plane, sourceSize * 4)));
    const target = keep(f, plus(k.address(buffers), times(plane, staging.planeSize * 4)));
    emitStaging(f, staging, source, target);
  });
}
