// The pipeline, one pure pass a line: expand → slopes → fold → lower → fuse → within → memory. Every stage is plain data and can be printed.
import { understand } from "../base/arguments.ts";
import { options as byName, type OptionsOf, oneOf, required } from "../base/rules.ts";
import { type Tensor, tensorList } from "../graph/graph.ts";
import { expand } from "./expand.ts";
import { fold } from "./fold.ts";
import { fuse } from "./fuse.ts";
import { type Lowered, lower } from "./lower.ts";
import { type PlannedMemory, planMemory } from "./memory.ts";
import { type Program, programRule } from "./program.ts";
import { slopesBeforePools } from "./slopes.ts";
import { placeWithin } from "./within.ts";

/** Options of compile. */
export interface CompileOptions {
  /** "definitions": every node stays what its card says, in float64. */
  readonly lowering: "loops" | "definitions";
  /** Inputs that get a slot even if nothing reads them. */
  readonly inputs?: readonly Tensor[];
}

/** A program after all passes, ready for an engine. */
export interface Compiled {
  /** The program after expansion and folding. */
  readonly program: Program;
  /** Steps and slots after fusion, without copies that only put ranges side by side. */
  readonly lowered: Lowered;
  /** Where everything lies in the arena, and how large that is. */
  readonly memory: PlannedMemory;
}

/**
 * Runs all passes over a program: shapes stay, what is left are loops with places in one arena, ready for an engine.
 * Throws for a program that cannot be.
 */
export function compile(program: Program, options: CompileOptions): Compiled {
  understand("compile", arguments, {
    program: programRule,
    options: required(
      byName<OptionsOf<typeof compile>>({ lowering: required(oneOf(["loops", "definitions"])), inputs: tensorList }),
    ),
  });
  const { lowering, inputs } = options;
  const reference = lowering === "definitions";
  const simple = fold(reference ? program : slopesBeforePools(expand(program)));
  const steps = lower(simple, { reference, inputs });
  const lowered = reference ? steps : placeWithin(fuse(steps));
  return { program: simple, lowered, memory: planMemory(lowered) };
}
