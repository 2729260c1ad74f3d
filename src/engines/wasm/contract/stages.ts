// What a factor is read from: an input as it lies, or a buffer that a phase before stages all its planes into.
import type { Profile } from "../profile.ts";
import {
  type BufferDefinition,
  buffer,
  type Emission,
  input,
  type Phase,
  type PhaseFunction,
  type Place,
} from "../strategy.ts";
import { emitStaging, type Staging } from "./staging.ts";
import { keep, plus, times } from "./walk.ts";

const stagedElements = ({ planes, planeSize }: Staging): number => planes * planeSize;

/** Nanoseconds of staging all planes, nothing where they are read as they lie. */
export const stagesTime = (staging: Staging | undefined, profile: Profile): number =>
  staging?.needed ? stagingTime(staging, profile) : 0;

export const stagingTime = (staging: Staging, profile: Profile): number =>
  stagedElements(staging) * profile.staging.memory.element;

/** The buffer and the phase that stage, where that is needed, and the place to read from. */
export interface Stages extends Emission {
  readonly place: Place;
}

interface Options {
  readonly profile: Profile;
  /** Of the buffer: `staged` where it is not said. */
  readonly name?: string;
  /** Bytes that may be read behind the last plane. */
  readonly beyond?: number;
  /** Stages even where the planes could be read as they lie. */
  readonly always?: boolean;
}

export function stagesOf(staging: Staging, { profile, name = "staged", beyond = 0, always = false }: Options): Stages {
  if (!staging.needed && !always) return { buffers: [], phases: [], place: input(staging.input) };
  const place = buffer(name);
  const bytes = stagedElements(staging) * 4 + beyond;
  const definition: BufferDefinition = { name, bytes, scope: "step" };
  const phase: Phase = {
    name: "stage",
    items: staging.planes,
    work: stagingTime(staging, profile),
    reads: [input(staging.input)],
    writes: [place],
    emit: (k) => emitStages(k, staging, place),
  };
  return { buffers: [definition], phases: [phase], place };
}

function emitStages(k: PhaseFunction, staging: Staging, target: Place): void {
  const { f } = k;
  const plane = f.local("i32");
  const sourceSize = staging.source.reduce((a, b) => a * b, 1);
  f.forRange(plane, k.from, k.to, 1, () => {
    const source = keep(f, plus(k.address(input(staging.input)), times(plane, sourceSize * 4)));
    const to = keep(f, plus(k.address(target), times(plane, staging.planeSize * 4)));
    emitStaging(f, staging, source, to);
  });
}
