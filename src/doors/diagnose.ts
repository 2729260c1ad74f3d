// What is wrong with a trained model, and what to try next.
//
//   import { openCheckpoint, openData } from "neocog";
//   import { diagnose } from "neocog/diagnose";
//
//   const run = await openCheckpoint("runs/digits");
//   const { healthy, findings } = await diagnose(run.trained, { run, data: await openData("digits") });

export { type Diagnosed, type DiagnoseOptions, diagnose, type Finding, type Measured } from "../diagnose/diagnose.ts";
export type { Diagnosis, Need, Severity } from "../diagnose/diagnosis.ts";
export { diagnoses } from "../diagnose/list.ts";
export { dataHash } from "../use/hash.ts";
