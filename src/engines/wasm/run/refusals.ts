// What a run refused: an index that names no place. Every thread notes its first; that of the first phase, and there the first
// place, is told, so that the sentence does not depend on the threads.
import { PlaceError } from "../../../kernel/places.ts";
import type { Program } from "./program.ts";
import { control } from "./runtime.ts";

/** The error of the last run, if it refused an index; the next one starts afresh. */
export function refusalIn(memory: WebAssembly.Memory, program: Program, threads: number): PlaceError | undefined {
  const [refused] = new Int32Array(memory.buffer, control.refused, 1);
  if (refused === 0) return undefined;
  new Int32Array(memory.buffer, control.refused, 1).fill(0);
  const { threadAddress, threadBytes, records } = program;
  const notes = Array.from({ length: threads }, (_, thread) => {
    const words = new Int32Array(memory.buffer, threadAddress + thread * threadBytes, 3);
    const [phase, at, index] = words;
    words.fill(0);
    return { phase, at, index };
  });
  const [first] = notes.filter(({ phase }) => phase !== 0).sort((a, b) => a.phase - b.phase || a.at - b.at);
  const places = records.find((record) => record.places?.argumentsAddress === first.phase)?.places;
  if (!places) throw new Error("An index was refused by a phase that is not known.");
  return PlaceError.of(places.step, first.index, first.at, places.low, places.high);
}
